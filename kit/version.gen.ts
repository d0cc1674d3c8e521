// Generated from package.json: run `make generate`.
export const version = '0.1.0';
