/**
 * Removes passwords from text that is logged or printed. The name of a variable does not say whether its value contains
 * a password, so values are judged as well. Pure.
 */

/** Variables whose values are never shown. The two URLs usually contain a password, and a malformed one hides where. */
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|KEY|HEADERS|DATABASE_URL|REDIS_URL/;
/** Values that may contain a password: one with a user, a fragment or a query, or one that names a password. */
const MAY_BE_SECRET = /[@#]|:\/\/\S*\?|pass(word|wd)?\s*[=:]|secret|token/i;
const SCHEME = /^\s*([a-z][a-z0-9+.-]{0,30}:\/\/)/i;
const LONGEST_VALUE = 200;

/**
 * Everything from the scheme to the last @ of a word: a password may contain any character but a blank. The lengths are
 * bounded so that a long text costs linear time. A third slash begins a path: file:///app/node_modules/@scope.
 */
const CREDENTIALS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)(?!\/)[^\s"'<>`]{0,1000}@/gi;
/** The value of a parameter or field that is named like a secret. */
const NAMED_SECRET = /\b(\w{0,30}(?:password|passwd|secret|token|api_?key)\w{0,30}\s?[=:]\s?)[^\s&,;"']+/gi;

/**
 * Returns the value of a variable or an option for a message, with *** for a value that may contain a password. Of an
 * address only the scheme is shown, because the parts of a malformed address cannot be told apart.
 */
export function showValue(name: string, value: string): string {
  if (value !== '' && (SECRET_NAME.test(name) || MAY_BE_SECRET.test(value)))
    return `${SCHEME.exec(value)?.[1] ?? ''}***`;
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
}

/** Replaces the credentials of addresses, and values named like a secret, by *** in any text. */
export function maskSecrets(text: string): string {
  return text.replace(CREDENTIALS, '$1***@').replace(NAMED_SECRET, '$1***');
}
