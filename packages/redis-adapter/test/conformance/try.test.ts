import { conformance } from '@millrace/core/testing';
import { afterAll, test } from 'vitest';
import { interim, form, readReason } from './interim.ts';
import { redisTarget } from './redis-target.ts';
const c = interim(17999);
afterAll(() => c.close());
for (const { name, run } of conformance(redisTarget('redis', () => c, { form, readReason, codec: 'v8' }, 20))) test(name, run, 20000);
