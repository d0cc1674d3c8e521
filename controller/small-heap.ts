/**
 * Keeps the heap close to the size of the live objects. Import this file before all other modules. With the flags
 * below, V8 collects the old generation when it has grown by 40 %; by default V8 lets it grow to up to four times its
 * size. When the controller starts with 1,000 TradingPipelines, peak memory is 145 MB instead of 195 MB, for 20 % more
 * CPU during the start and none later. Turning off V8's baseline compiler (Sparkplug) saves another 3 MB. The size of
 * the young generation is set in the Dockerfile, because V8 reads it only from its command line.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--heap-growing-percent=40');
setFlagsFromString('--no-sparkplug');
