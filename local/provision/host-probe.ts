const FIRST_CONTACT_MS = 10_000;

/** Returns undefined if the host responds, else the reason why it does not. */
export type ProbeHost = (host: string) => Promise<string | undefined>;

/**
 * Contacts each host once per run, however many parts need it: a network that drops packets then costs 10 s in all, not 10 s
 * per part. Any HTTP response counts, even a 404, because the probe only tests whether the host can be reached.
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

/** Returns the reason of a failed request in a few words. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer within 10 s';
  const cause = error.cause as { code?: string; message?: string } | undefined;
  if (cause?.code === 'ENOTFOUND' || cause?.code === 'EAI_AGAIN') return 'its name does not resolve';
  return cause?.message ?? error.message;
}
