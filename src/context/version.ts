declare const __VERSION__: string;

/** The version of the program; the build writes it in. */
export const version = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
