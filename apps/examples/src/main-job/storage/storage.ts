/** Where books are kept: files, which outlive the worker that writes them, whatever becomes of it. */
export interface Storage {
  /** Opens a file that is written at its end, and at once. Nobody else writes it. */
  openToWrite(path: string): Promise<OpenFile>;
  /** What is in a file from some byte on: nothing, if there is no such file. */
  read(path: string, from: number): Promise<Uint8Array>;
  /** Makes a folder of this program's own. */
  makeFolder(): Promise<Folder>;
}

export interface OpenFile {
  write(bytes: Uint8Array): void;
  close(): void;
}

export interface Folder {
  pathOf(file: string): string;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}
