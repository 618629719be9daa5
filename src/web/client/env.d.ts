/// <reference types="vite/client" />

declare module 'lucide/dist/esm/icons/*.mjs' {
  const icon: [string, Record<string, string>][];
  export default icon;
}
