/** Asks the platform's API; what is refused is an error. */
export async function askApi<Answer>(api: string, method: string, path: string, body?: object): Promise<Answer> {
  const url = `${api}/api/v1${path}`;
  const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url, { method, ...json });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}
