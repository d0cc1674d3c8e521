const FIRST_CONTACT_MS = 10_000;

/** Undefined when the host answers, else why it does not. */
export type ProbeHost = (host: string) => Promise<string | undefined>;

/**
 * Asks each host once a run, however many parts want it: a network that swallows packets costs 10 s in all, not 10 s a part.
 * Any HTTP answer will do, a 404 too: what is asked is whether there is a way to the host.
 */
export function startHostProbe(contact: (host: string) => Promise<unknown> = contactHost): ProbeHost {
  const answers = new Map<string, Promise<string | undefined>>();
  return (host) => {
    const known = answers.get(host);
    if (known) return known;
    const answer = contact(host).then(() => undefined, describeFailure);
    answers.set(host, answer);
    return answer;
  };
}

function contactHost(host: string): Promise<unknown> {
  return fetch(`https://${host}/`, {
    method: 'HEAD',
    redirect: 'manual',
    signal: AbortSignal.timeout(FIRST_CONTACT_MS),
  });
}

export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer within 10 s';
  const cause = error.cause as { code?: string; message?: string } | undefined;
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'its name does not resolve';
  return cause?.message ?? error.message;
}
