declare module 'mx-connect' {
  import type { Socket } from 'node:net';

  interface MxConnection {
    socket: Socket;
    /** Name of the mail server. */
    hostname: string;
    /** Its address. */
    host: string;
    port: number;
  }
  interface MxError extends Error {
    code?: string;
    category?: 'network' | 'dns' | 'policy' | 'dane';
    temporary?: boolean;
    response?: string;
  }
  interface MxOptions {
    target: string;
    port: number;
    mx: { exchange: string; priority: number }[];
    maxConnectTime: number;
    ignoreMXHosts: string[];
    /** Before each address; what it is called with ends the search. */
    connectHook: (delivery: unknown, options: { host: string }, proceed: (refusal?: Error) => void) => void;
    /** An address that could not be reached. */
    connectError: (error: MxError) => void;
    dnsOptions: {
      ignoreIPv6: boolean;
      blockLocalAddresses: boolean;
      resolve: (
        name: string,
        ...rest: [string, (error: unknown, answer?: unknown) => void] | [(error: unknown, answer?: unknown) => void]
      ) => void;
    };
  }
  function mxConnect(options: MxOptions): Promise<MxConnection>;
  namespace mxConnect {
    export type { MxConnection, MxError, MxOptions };
  }
  export = mxConnect;
}
