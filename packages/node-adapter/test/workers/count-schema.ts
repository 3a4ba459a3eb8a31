import type { StandardSchema } from '@millrace/core';

/** Texts that become counts from 1 up. */
export const countSchema: StandardSchema<string, number> = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    validate: (value) =>
      Number(value) > 0
        ? { value: Number(value) }
        : { issues: [{ message: 'must be positive', path: ['n', 0] }] },
  },
};
