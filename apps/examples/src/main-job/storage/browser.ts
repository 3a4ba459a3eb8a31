import type { Storage } from './storage.js';

/** Files of the page's origin, which no one else sees. */
export const storage: Storage = {
  async openToWrite(file) {
    const handle = await (await find(file, true)).createSyncAccessHandle();
    let at = handle.getSize();
    return {
      write: (bytes) => {
        at += handle.write(bytes, { at });
      },
      close: () => {
        handle.close();
      },
    };
  },

  async read(file, from) {
    const handle = await find(file, false).catch(() => undefined);
    if (handle === undefined) return new Uint8Array();
    const written = await handle.getFile();
    return new Uint8Array(await written.slice(from).arrayBuffer());
  },

  async makeFolder() {
    const name = crypto.randomUUID();
    const root = await navigator.storage.getDirectory();
    await root.getDirectoryHandle(name, { create: true });
    return {
      pathOf: (file) => `${name}/${file}`,
      remove: () => root.removeEntry(name, { recursive: true }),
    };
  },
};

async function find(path: string, create: boolean): Promise<FileSystemFileHandle> {
  const [folder = '', file = ''] = path.split('/');
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle(folder)).getFileHandle(file, { create });
}
