export const capabilities = {
  core: 'urn:ietf:params:jmap:core',
  mail: 'urn:ietf:params:jmap:mail',
  submission: 'urn:ietf:params:jmap:submission',
  /** Ours: verdicts, authentication of arrival, registered documents. */
  official: 'https://congvu.vn/jmap/official',
} as const;

export const knownCapabilities: ReadonlySet<string> = new Set(Object.values(capabilities));
