/** A variable that the program reads; the only place that says so. */
interface Variable {
  readonly name: string;
  readonly description: string;
  /** The option that says the same and goes before it. */
  readonly option?: string;
}

/** Every variable that is read, by what it is about, in the order in which help shows them. */
export const environment: Readonly<Record<string, readonly Variable[]>> = {
  'Who you are': [
    { name: 'CONFLUENT_CLOUD_API_KEY', description: 'the id of a Cloud API key' },
    { name: 'CONFLUENT_CLOUD_API_SECRET', description: 'its secret; one of the two without the other is an error' },
    {
      name: 'CONFLUENT_CLOUD_ACCESS_TOKEN',
      description: 'an access token instead of a key; both is an error unless --profile is given',
    },
    {
      name: 'CONFLUENT_CLOUD_ENDPOINT',
      description: 'the API, if it is not https://api.confluent.cloud',
      option: '--endpoint',
    },
    {
      name: 'INVITE_PROFILE',
      description: 'the profile, if neither --profile nor the variables above say who you are',
      option: '--profile',
    },
  ],
  'What a command does': [
    { name: 'INVITE_OUTPUT', description: 'the output format', option: '--output' },
    { name: 'INVITE_NO_INPUT', description: 'any value: never prompt', option: '--no-input' },
    { name: 'CI', description: 'any value: never prompt', option: '--no-input' },
    {
      name: 'INVITE_READ_ONLY',
      description: 'any value but 0 and false: send nothing but GET; a change ends with exit code 2, --dry-run works',
    },
    {
      name: 'INVITE_CONCURRENCY',
      description: 'the number of changes made at once, 1 to 32; 4 if unset',
      option: '--concurrency',
    },
    { name: 'INVITE_DEBUG', description: 'any value: log HTTP requests on stderr', option: '--debug' },
    { name: 'INVITE_COMPLETION_OFFLINE', description: '1: completion does not ask the API' },
    { name: 'ACCESSIBLE', description: '1: nothing is redrawn, and tables become lines of "field: value"' },
    {
      name: 'GITHUB_ACTIONS',
      description: 'true: write a summary, outputs and annotations for the workflow',
      option: '--no-github',
    },
  ],
  Files: [
    { name: 'INVITE_CONFIG_DIR', description: 'the folder of the profiles' },
    { name: 'INVITE_STATE_DIR', description: 'the folder of the sandbox, of journals and of the completion cache' },
    {
      name: 'XDG_CACHE_HOME',
      description: 'where Node.js 22 and newer keep the compiled program, in "invite"; ~/.cache if unset',
    },
  ],
  'Color (--color overrides all of them; the first that is set wins)': [
    { name: 'NO_COLOR', description: 'any value: no color', option: '--color' },
    { name: 'FORCE_COLOR', description: 'color, terminal or not; 0 for none, 1 to 3 for how many', option: '--color' },
    { name: 'CLICOLOR_FORCE', description: 'as FORCE_COLOR, except that 0 means unset', option: '--color' },
    { name: 'CLICOLOR', description: '0: no color', option: '--color' },
    { name: 'TERM', description: 'dumb: no color', option: '--color' },
  ],
  Network: [
    { name: 'HTTPS_PROXY', description: 'the proxy for https; https_proxy goes before it. ALL_PROXY is not read' },
    { name: 'HTTP_PROXY', description: 'the proxy for http; http_proxy goes before it' },
    { name: 'NO_PROXY', description: 'hosts that are reached directly; no_proxy goes before it' },
    {
      name: 'NODE_TLS_REJECT_UNAUTHORIZED',
      description: '0 turns certificate checks off, and is refused unless the endpoint is on this machine',
    },
    { name: 'NODE_EXTRA_CA_CERTS', description: 'a file of certificates to trust besides those of Node.js' },
  ],
};
