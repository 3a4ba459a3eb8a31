import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';

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

  read(file, from) {
    if (!existsSync(file)) return Promise.resolve(new Uint8Array());
    // At once: beside threads that are killed and started the turns of a loop are long, and there are many files.
    const fd = openSync(file, 'r');
    try {
      const bytes = new Uint8Array(fstatSync(fd).size - from);
      readSync(fd, bytes, { position: from });
      return Promise.resolve(bytes);
    } finally {
      closeSync(fd);
    }
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
