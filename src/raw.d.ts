/** A file as text: Vite reads it like this by itself, and the build has a plugin for it. */
declare module '*?raw' {
  const text: string;
  export default text;
}
