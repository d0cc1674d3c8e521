/** A server that hangs must not keep the controller from its work. */
const FIRST_ANSWER_MS = 3_000;

/** Answers whether there is nothing to wait for any more: it has answered, failed, or kept us long enough. */
export function awaitFirstAnswer(view: () => { readonly state: string }): () => boolean {
  const startedAt = performance.now();
  return () => view().state !== 'waiting' || performance.now() - startedAt > FIRST_ANSWER_MS;
}
