import { page } from './page.ts';

interface PipelineFile {
  readonly system: string;
  readonly path: string;
  /** What the provider of the pool has to know, and how long a token lives. */
  readonly about: string;
  readonly text: string;
}

/** The package, as a file of the repository. */
const tarball = './confluent-invite.tgz';

const github = `name: people
on:
  push:
    branches: [main]
    paths: [people.yaml]
permissions:
  contents: read
  id-token: write
jobs:
  apply:
    runs-on: ubuntu-24.04
    environment: confluent
    concurrency: invite
    env:
      CONFLUENT_CLOUD_IDENTITY_POOL_ID: pool-abc
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8
      - uses: actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903
        with:
          node-version: 24
      - run: npm install --global ${tarball}
      - run: invite doctor
      - run: invite apply people.yaml --yes
`;

const gitlab = `people:
  image: node:24
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
      changes: [people.yaml]
  resource_group: invite
  id_tokens:
    CONFLUENT_TOKEN:
      aud: confluent
  variables:
    CONFLUENT_CLOUD_IDENTITY_POOL_ID: pool-abc
    CONFLUENT_CLOUD_OIDC_TOKEN_FILE: /tmp/confluent-token
  script:
    - npm install --global ${tarball}
    - umask 077
    - printf %s "$CONFLUENT_TOKEN" > "$CONFLUENT_CLOUD_OIDC_TOKEN_FILE"
    - invite apply people.yaml --yes
`;

const azure = `trigger:
  branches:
    include: [main]
  paths:
    include: [people.yaml]
pool:
  vmImage: ubuntu-24.04
variables:
  CONFLUENT_CLOUD_IDENTITY_POOL_ID: pool-abc
  CONFLUENT_CLOUD_OIDC_TOKEN_FILE: $(Agent.TempDirectory)/confluent-token
steps:
  - task: UseNode@1
    inputs:
      version: 24.x
  - bash: npm install --global ${tarball}
  - bash: |
      set -euo pipefail
      umask 077
      file=$CONFLUENT_CLOUD_OIDC_TOKEN_FILE
      write_token() {
        printf 'Authorization: Bearer %s' "$SYSTEM_ACCESSTOKEN" |
          curl --silent --show-error --fail --header @- --data '' \\
            "$SYSTEM_OIDCREQUESTURI?api-version=7.1-preview.1" |
          jq --raw-output --exit-status .oidcToken > "$file.new"
        mv "$file.new" "$file"
      }
      write_token
      # A token is valid for ten minutes; the file is read again when needed.
      while sleep 240; do write_token; done &
      trap 'kill $!' EXIT
      invite apply people.yaml --yes
    env:
      SYSTEM_ACCESSTOKEN: $(System.AccessToken)
`;

const jenkins = `pipeline {
  agent any
  options {
    disableConcurrentBuilds()
  }
  environment {
    CONFLUENT_CLOUD_IDENTITY_POOL_ID = 'pool-abc'
    NPM_CONFIG_PREFIX = "\${WORKSPACE_TMP}/npm"
    PATH = "\${WORKSPACE_TMP}/npm/bin:\${PATH}"
  }
  stages {
    stage('people') {
      steps {
        sh 'npm install --global ${tarball}'
        withCredentials([file(credentialsId: 'confluent-token',
                              variable: 'CONFLUENT_CLOUD_OIDC_TOKEN_FILE')]) {
          sh 'invite apply people.yaml --yes'
        }
      }
    }
  }
}
`;

export const pipelineFiles: readonly PipelineFile[] = [
  {
    system: 'GitHub Actions',
    path: '.github/workflows/people.yml',
    about: `The issuer is https://token.actions.githubusercontent.com, the audience "confluent". A new token is requested for
each exchange.`,
    text: github,
  },
  {
    system: 'GitLab',
    path: '.gitlab-ci.yml',
    about: `The issuer is https://gitlab.com, or the URL of your own instance; the audience is what "aud" says. The token is
valid until the job's timeout.`,
    text: gitlab,
  },
  {
    system: 'Azure DevOps',
    path: 'azure-pipelines.yml',
    about: `The issuer is https://vstoken.dev.azure.com/ORGANIZATION-ID, the audience "api://AzureADTokenExchange".`,
    text: azure,
  },
  {
    system: 'Jenkins',
    path: 'Jenkinsfile',
    about: `With the plugin "OpenID Connect Provider": the credential "confluent-token" is of the kind "OpenID Connect id
token as file", with the audience "confluent". The issuer is JENKINS-URL/oidc.`,
    text: jenkins,
  },
];

export function pipelinesTopic(): string {
  const files = pipelineFiles.map(
    ({ system, path, about, text }) => `${system}, in ${path}. ${about}\n\n${text.trimEnd().replace(/^(?=.)/gm, '  ')}`,
  );
  return page(`A pipeline needs no stored key. The system that runs it issues a token for each job; invite exchanges that
for an access token of an identity pool of Confluent Cloud, which it keeps in memory only, and exchanges again before it
expires.

  invite auth status --check
  invite doctor
  invite auth login ci --identity-pool pool-abc --token-command '["./print-token"]'
  invite sandbox start --keyless

Once, in Confluent Cloud: add the issuer of the tokens as an identity provider, with an identity pool whose filter
admits this pipeline only, such as claims.sub == "repo:acme/people:environment:confluent". Grant the pool
OrganizationAdmin or AccountAdmin. Whether a pool may create invitations is not documented: try one first.

CONFLUENT_CLOUD_IDENTITY_POOL_ID names the pool. The token comes from the first of:

  a file          CONFLUENT_CLOUD_OIDC_TOKEN_FILE, read again at each exchange
  GitHub Actions  requested with ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN, which a job with "permissions: id-token: write" has, for the audience CONFLUENT_CLOUD_OIDC_AUDIENCE; "confluent" if that is not set

Elsewhere a profile holds the pool and a command that prints a token, which is run without a shell at each exchange.
"invite sandbox start --keyless" serves an issuer and an exchange to try it with.

A key or an access token in the environment beside a pool is an error, unless --profile is given. The exchange goes to
/sts/v1/oauth2/token of the endpoint. "invite plan" needs no --self: a pool is not a person.

Complete files follow. In each the package lies in the repository, as confluent-invite.tgz.

${files.join('\n\n')}`);
}
