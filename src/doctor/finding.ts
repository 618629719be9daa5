/** One thing that was looked at, in one sentence, with what to do. */
export interface Finding {
  level: 'ok' | 'warn' | 'fail';
  area: 'configuration' | 'disk' | 'database' | 'keys' | 'tls' | 'ports' | 'dns' | 'queue' | 'jobs' | 'backup';
  what: string;
  remedy?: string;
}

export const words = (error: unknown): string => {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(words).join('; ');
  return error instanceof Error ? error.message : String(error);
};
