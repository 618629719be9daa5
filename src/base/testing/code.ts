/** The code of the error in which some work ends. */
export const code = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );
