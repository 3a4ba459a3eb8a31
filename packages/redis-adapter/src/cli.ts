#!/usr/bin/env node
/**
 * The command line: `npx millrace-redis --help`.
 *
 * @module
 */
import { main } from './cli/main.js';

process.exitCode = await main(process.argv.slice(2));
