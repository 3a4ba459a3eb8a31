/** What stands before a value, and how it goes on. */
export const UNDEFINED = 0;
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 3;
/** A byte. */
export const BYTE = 4;
/** 4 bytes. */
export const INT = 5;
/** 8 bytes. */
export const DOUBLE = 6;
/** Its length in a byte; its text is the next of the run. */
export const SHORT_STRING = 7;
/** Its length in 4 bytes. */
export const STRING = 8;
/** 8 bytes. */
export const BIGINT = 9;
/** Hexadecimal digits, as a STRING, and negative or not. */
export const POSITIVE = 10;
export const NEGATIVE = 11;
/** The time in 8 bytes. */
export const DATE = 12;
/** How many items, then they. */
export const ARRAY = 13;
/** Which of the shapes, then the values of its keys. */
export const RECORD = 14;
/** Its kind, how many bytes, and they. */
export const VIEW = 15;
