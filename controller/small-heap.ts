/**
 * Keeps the heap close to what is in use; must be imported before anything else. The old generation is collected when it has
 * grown by 40 %, while V8 by default lets it grow up to four times. With 1,000 resources from a cold start the peak is 145 MB
 * instead of 195 MB, for a fifth more CPU in those seconds and none later. Without V8's baseline compiler it is 3 MB less. The
 * size of the young generation is in the Dockerfile, because V8 reads it only from its command line.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--heap-growing-percent=40');
setFlagsFromString('--no-sparkplug');
