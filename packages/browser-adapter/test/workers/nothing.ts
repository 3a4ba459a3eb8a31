/** No worker. */
export const nothing = true;
