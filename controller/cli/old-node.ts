/**
 * Lets the command line run on Node 20, which many people have: adds what the HTTP library of the Kubernetes client (undici)
 * expects of Node 22. It must be imported first.
 */
import workerThreads from 'node:worker_threads';
import zlib from 'node:zlib';

Promise.withResolvers ??= function withResolvers<T>() {
  const parts = {} as PromiseWithResolvers<T>;
  parts.promise = new Promise<T>((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};
// only marks objects of undici that structuredClone must refuse
workerThreads.markAsUncloneable ??= () => {};
// no API server sends zstd: the client asks for gzip
zlib.createZstdDecompress ??= () => {
  throw new Error('this Node cannot read zstd: use Node 22.15 or newer');
};
