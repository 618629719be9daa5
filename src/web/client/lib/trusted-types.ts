/**
 * The page demands Trusted Types: no string becomes markup or a script address by accident. Scripts come from our own origin;
 * markup only from sanitise.ts (its policy `dompurify`) and into the message frame (`congvu-frame`).
 */
interface Policy {
  createHTML?: (html: string) => unknown;
  createScriptURL?: (url: string) => unknown;
}
interface Factory {
  createPolicy: (
    name: string,
    rules: { createHTML?: (html: string) => string; createScriptURL?: (url: string) => string },
  ) => Policy;
}
const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;

/** Workers of our own build: the only script addresses that this page may make. */
export function installDefaultPolicy(): void {
  factory?.createPolicy('default', {
    createScriptURL: (url) => {
      const full = new URL(url, location.href);
      if (full.origin !== location.origin || !(full.pathname.startsWith('/assets/') || import.meta.env.DEV))
        throw new TypeError('script address refused');
      return url;
    },
  });
}

const frame = factory?.createPolicy('congvu-frame', { createHTML: (html) => html });
/** For `srcdoc` of the sandboxed message frame alone. */
export function setFrameDocument(element: HTMLIFrameElement, html: string): void {
  element.srcdoc = (frame?.createHTML?.(html) ?? html) as string;
}
