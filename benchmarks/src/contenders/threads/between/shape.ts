/** Between how many threads items go, and how. */
export interface Shape {
  readonly producers: number;
  readonly consumers: number;
  /** Items that are put, and taken, at once; 1 for the plain way. Only this project's contenders know the difference. */
  readonly chunk: number;
}

export const oneToOne: Shape = { producers: 1, consumers: 1, chunk: 1 };
export const fourToFour: Shape = { producers: 4, consumers: 4, chunk: 1 };
