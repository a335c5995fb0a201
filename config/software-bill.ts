import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RuntimePackage } from './runtime-packages.ts';

const Component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  licenses: z.array(z.unknown()).optional(),
});
const Dependency = z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) });

/** The parts of CycloneDX that are changed here. */
const Bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: z.string(),
  metadata: z.looseObject({ timestamp: z.string(), component: Component }),
  components: z.array(Component),
  dependencies: z.array(Dependency),
});

export interface SoftwareBillParts {
  /** What `npm sbom --sbom-format cyclonedx` prints, development dependencies with the others. */
  readonly printed: unknown;
  readonly product: string;
  readonly packages: readonly RuntimePackage[];
  /** Date of the commit that is released. */
  readonly date: Date;
}

/**
 * Returns the bill of materials of a release, as JSON. With `--omit dev` npm 11 leaves out what a development dependency
 * uses as well, so what is left out is decided here. npm names the product after its folder, and gives the time and a
 * number by chance: the same commit must give the same bytes. Licences that npm does not find are added.
 */
export function makeSoftwareBill({ printed, product, packages, date }: SoftwareBillParts): string {
  const bill = Bill.parse(printed);
  const licences = new Map(packages.map(({ name, version, licence }) => [`${name}@${version}`, licence]));
  const shipped = bill.components.filter(({ name, version }) => licences.has(`${name}@${version}`));
  const components = shipped.map((component) => {
    const licence = licences.get(`${component.name}@${component.version}`);
    if (component.licenses?.length || !licence) return component;
    return { ...component, licenses: [{ license: { id: licence } }] };
  });
  const refs = new Set([bill.metadata.component['bom-ref'], ...shipped.map((component) => component['bom-ref'])]);
  const dependencies = bill.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => refs.has(ref)) }));
  const content = {
    ...bill,
    metadata: {
      ...bill.metadata,
      timestamp: date.toISOString(),
      component: { ...bill.metadata.component, name: product },
    },
    components,
    dependencies,
  };
  const digest = createHash('sha256')
    .update(JSON.stringify({ ...content, serialNumber: '' }))
    .digest('hex');
  return `${JSON.stringify({ ...content, serialNumber: `urn:uuid:${uuidOf(digest)}` }, null, 2)}\n`;
}

/** A UUID of version 8, whose bits are the maker's own (RFC 9562). */
function uuidOf(digest: string): string {
  const [a, b, c, d] = [digest.slice(0, 8), digest.slice(8, 12), digest.slice(13, 16), digest.slice(17, 20)];
  return `${a}-${b}-8${c}-8${d}-${digest.slice(20, 32)}`;
}
