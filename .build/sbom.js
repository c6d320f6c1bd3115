// The bill of materials of what is bundled, as CycloneDX: `npm sbom` would list nothing, because an install has no
// dependencies. Same input, same bytes: it names no time and no serial number.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param product What the components are part of: name and version.
 * @param folders The folders of the bundled packages.
 * @param lockFile `package-lock.json`, which has their checksums.
 */
export function billOfMaterials(product, folders, lockFile) {
  const { packages } = JSON.parse(readFileSync(lockFile, 'utf8'));
  const components = folders.map((folder) => componentOf(folder, packages)).sort((a, b) => (a.purl < b.purl ? -1 : 1));
  return document(product, components);
}

/** The same bill for an executable, which has Node.js inside, too. */
export function withNode(bill, version) {
  const node = {
    type: 'application',
    name: 'node',
    version,
    licenses: [{ license: { id: 'MIT' } }],
    purl: `pkg:generic/nodejs@${version}`,
    'bom-ref': `pkg:generic/nodejs@${version}`,
  };
  return { ...bill, components: [...bill.components, node] };
}

function document({ name, version }, components) {
  const purl = `pkg:npm/${name}@${version}`;
  const root = { type: 'application', name, version, licenses: [licence('Apache-2.0')], purl, 'bom-ref': purl };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: root },
    components,
  };
}

function componentOf(folder, locked) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const path = folder.slice(folder.indexOf('node_modules')).replaceAll('\\', '/');
  const integrity = locked[path]?.integrity;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: 'library',
    name,
    version,
    ...(license === undefined ? {} : { licenses: [licence(license)] }),
    ...(integrity === undefined ? {} : { hashes: [hashOf(integrity)] }),
    purl,
    'bom-ref': purl,
  };
}

/** An SPDX id, or an expression of several. */
function licence(text) {
  return /^[\w.+-]+$/.test(text) ? { license: { id: text } } : { expression: text };
}

function hashOf(integrity) {
  const [algorithm, base64] = integrity.split('-', 2);
  return { alg: algorithm.replace('sha', 'SHA-'), content: Buffer.from(base64, 'base64').toString('hex') };
}

/** Where a build has put the bill. */
export function readBill(dist) {
  const path = join(dist, 'sbom.cdx.json');
  if (!existsSync(path)) throw new Error(`no ${path}: run "npm run build" first`);
  return JSON.parse(readFileSync(path, 'utf8'));
}
