import { closeSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';

import { TempFolder } from '../../shared/temp-folder.js';
import type { Storage } from './storage.js';

/** Files of the system's. */
export const storage: Storage = {
  openToWrite(file) {
    const fd = openSync(file, 'a');
    return Promise.resolve({
      write: (bytes) => {
        writeSync(fd, bytes);
      },
      close: () => {
        closeSync(fd);
      },
    });
  },

  async read(file, from) {
    const found = await open(file, 'r').catch(() => undefined);
    // The stream closes it.
    return found === undefined ? new Uint8Array() : buffer(found.createReadStream({ start: from }));
  },

  makeFolder() {
    const folder = new TempFolder();
    return Promise.resolve({
      pathOf: (file) => path.join(folder.path, file),
      remove: () => {
        folder[Symbol.dispose]();
        return Promise.resolve();
      },
    });
  },
};
