import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRepositoryAddress } from '../../../shared/repository/repository-address.ts';
import {
  parseRepositoryHosts,
  whyAddressRefused,
  whyHostRefused,
} from '../../../shared/repository/repository-hosts.ts';

const DEFAULT = parseRepositoryHosts('');

describe('an address whose host has 50,000 labels', () => {
  it('is refused at once, and does not stop the node', () => {
    const rules = parseRepositoryHosts('*.example.org');
    const why = 'a host of 100001 characters is longer than a name may be';
    expect(whyAddressRefused(rules, `https://${'a.'.repeat(50_000)}b/`)).toBe(why);
    expect(whyHostRefused(rules, `${'a.'.repeat(50_000)}b`, null)).toBe(why);
  });
});

describe('an address of a repository that is link-local or gives out credentials', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254:8443/x.git',
    'http://169.254.170.2/v2/credentials',
    'http://169.254.0.1/',
    'http://2852039166/',
    'http://0xA9FEA9FE/',
    'http://0xa9.0xfe.0xa9.0xfe/',
    'http://0251.0376.0251.0376/',
    'http://0251.254.0xa9fe/',
    'http://169.16689662/',
    'http://169.254.43518/',
    'http://169.254.169.254./',
    'http://\uff11\uff16\uff19.254.169.254/',
    'http://169\u3002254\u3002169\u3002254/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[::169.254.169.254]/',
    'http://[::ffff:0:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:a9fe:a9fe::1]/',
    'http://[fe80::1]/',
    'http://[FEBF::1]:80/',
    'http://[fd00:ec2::254]/',
    'http://[fd00:0ec2:0:0:0:0:0:0254]/',
    'http://[fd00:ec2::23]/',
    'http://[fd20:ce::254]/',
    'http://100.100.100.200/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./x',
    'http://metadata/',
    'http://instance-data.ec2.internal/',
    'http://user:password@169.254.169.254/',
    'http://github.com:x@169.254.169.254/',
    'git://169.254.169.254:80/x',
    'ssh://git@169.254.169.254/x',
    'ssh+git://169.254.169.254/x',
    'git@169.254.169.254:x.git',
    '169.254.169.254:x.git',
    'git@[fe80::1]:x.git',
    '[::ffff:169.254.169.254]:x.git',
    '[169.254.169.254:22]:x.git',
    'git@0xA9FEA9FE:x',
  ])('is refused in every spelling: %s', (address) => {
    expect(whyAddressRefused(DEFAULT, address)).toMatch(/belongs to the machine/);
    // A wide rule does not cover these addresses.
    const wide = parseRepositoryHosts('0.0.0.0/0, ::/0, local');
    expect(whyAddressRefused(wide, address)).toMatch(/belongs to the machine/);
  });

  it.each([
    'https://github.com@169.254.169.254@x/',
    'https://169.254.169.254\\@github.com/',
    'https://169.254.169.254#@github.com/',
    'https://169.254.169.254?@github.com/',
    'https://%31%36%39.254.169.254/',
    'https://[fe80::1%25eth0]/',
    'https://[fe80::1%eth0]/',
    'https://169.254.169.254:99999999/',
    'https:///x',
    'https://',
    'https://a b/',
    'ssh://-oProxyCommand=x/y',
    '-oProxyCommand=x:y',
    'git@-oProxyCommand=x:y',
    'ext::sh -c x',
    'fd::17',
    'EXT::sh',
    'foo::https://x',
    'ftp://x/y',
    'gopher://x/y',
    'dict://x/y',
    'javascript://x',
    'http+unix://x',
    ':x',
    '@:x',
  ])('and what can be read in two ways, or runs a program, is no address: %s', (address) => {
    expect(parseRepositoryAddress(address).kind).toBe('refused');
    expect(whyAddressRefused(parseRepositoryHosts('local'), address)).toEqual(expect.any(String));
  });

  it.each([
    'https://github.com/a/b.git',
    'https://user:p%40ss@example.org:8443/a',
    'git@github.com:a/b.git',
    'ssh://git@example.org:22/~/a',
    'git://example.org/a',
    'http://10.1.2.3/a',
    'http://192.168.0.1/a',
    'http://127.0.0.1:8080/a',
    'http://localhost/a',
    'http://[::1]/a',
    'http://[fd12:3456::1]/a',
    'git@10.0.0.1:a',
    '[git@example.org:2222]:a'.replace('[git@', 'git@['),
    'build_host:a b',
    'https://xn--bcher-kva.example/a',
  ])('but a git host, private ones too, is not: %s', (address) => {
    expect(whyAddressRefused(DEFAULT, address)).toBeNull();
  });

  it.each(['/srv/a b', './a', 'a/b:c', 'a', 'file:///srv/a', 'FILE:///srv/a', '~/a', './169.254.169.254:x'])(
    'and a path is one where paths are allowed: %s',
    (address) => {
      expect(parseRepositoryAddress(address)).toEqual({ kind: 'local' });
      expect(whyAddressRefused(DEFAULT, address)).toMatch(/it is a path/);
      expect(whyAddressRefused(parseRepositoryHosts('local'), address)).toBeNull();
      expect(whyAddressRefused(parseRepositoryHosts('local,-local'), address)).toMatch(/it is a path/);
    },
  );

  it('any number is the address that a browser makes of it, however it is written', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const write = (value: number): fc.Arbitrary<string> =>
      fc.constantFrom(String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`, `0X${value.toString(16)}`);
    const spelled = fc.tuple(octet, octet).chain(([c, d]) =>
      fc.oneof(
        fc.tuple(write(169), write(254), write(c), write(d)).map((parts) => parts.join('.')),
        fc.tuple(write(169), write(254), write(c * 256 + d)).map((parts) => parts.join('.')),
        fc.tuple(write(169), write(254 * 65_536 + c * 256 + d)).map((parts) => parts.join('.')),
        write((169 * 16_777_216 + 254 * 65_536 + c * 256 + d) >>> 0),
      ),
    );
    fc.assert(
      fc.property(spelled, (host) => {
        expect(whyAddressRefused(DEFAULT, `http://${host}/`)).toMatch(/belongs to the machine/);
        expect(whyAddressRefused(DEFAULT, `${host}:x`)).toMatch(/belongs to the machine/);
      }),
    );
  });
});

describe('repository_hosts', () => {
  const why = (rules: string, host: string, addresses: readonly string[] | null = null): string | null =>
    whyHostRefused(parseRepositoryHosts(rules), host, addresses);

  it('a name that stands for a metadata address is refused when its addresses are known', () => {
    expect(why('', 'evil.example')).toBeNull();
    expect(why('', 'evil.example', ['93.184.216.34', '169.254.169.254'])).toBe(
      'evil.example is 169.254.169.254, which belongs to the machine and not to a repository',
    );
    expect(why('evil.example', 'evil.example', ['::ffff:169.254.169.254'])).toMatch(/belongs to the machine/);
    expect(why('', 'evil.example', ['fe80::1%eth0'])).toMatch(/belongs to the machine/);
  });

  it('allows only what is named, where something is', () => {
    const rules = 'github.com, *.example.org, 10.0.0.0/8';
    expect(why(rules, 'github.com', ['140.82.121.3'])).toBeNull();
    expect(why(rules, 'git.team.example.org', ['1.2.3.4'])).toBeNull();
    expect(why(rules, 'inside', ['10.1.2.3'])).toBeNull();
    expect(why(rules, 'inside')).toBeNull(); // the addresses are not known yet
    for (const host of ['example.org', 'github.com.evil.example', 'evilexample.org', 'gist.github.com']) {
      expect(why(rules, host, ['1.2.3.4'])).toMatch(/not among the allowed/);
    }
    expect(why(rules, 'inside', ['10.1.2.3', '1.2.3.4'])).toMatch(/not among the allowed/);
    expect(why('github.com', 'gitlab.com')).toMatch(/not among the allowed/);
    expect(why('10.0.0.0/8', 'x', [])).toMatch(/not among the allowed/);
  });

  it('denies what has a minus, by name and by address', () => {
    expect(why('-*.evil.example', 'a.evil.example')).toMatch(/denied by repository_hosts/);
    expect(why('-10.0.0.0/8', 'inside', ['10.0.0.1'])).toMatch(/inside is 10\.0\.0\.1, which is denied/);
    expect(why('-10.0.0.0/8', 'inside', ['::ffff:10.0.0.1'])).toMatch(/denied/);
    expect(why('10.0.0.0/8, -10.0.0.1', 'x', ['10.0.0.1'])).toMatch(/denied/);
    expect(why('-10.0.0.0/8', 'outside', ['1.2.3.4'])).toBeNull();
  });

  it('gives a metadata address to whoever names exactly it', () => {
    expect(whyAddressRefused(parseRepositoryHosts('169.254.10.1'), 'http://169.254.10.1/x')).toBeNull();
    expect(whyAddressRefused(parseRepositoryHosts('169.254.10.1'), 'http://169.254.10.2/x')).not.toBeNull();
    expect(whyAddressRefused(parseRepositoryHosts('fe80::1'), 'http://[fe80:0::1]/x')).toBeNull();
  });

  it.each([
    'http://x',
    '10.0.0.0/33',
    '10.0.0/8',
    '1.2.3',
    '*',
    'a/b',
    'exa mple..org/8',
    '--x',
    '*.',
    'a*b',
    '::/129',
    'é',
  ])('does not take %j for a rule', (rule) => {
    expect(() => parseRepositoryHosts(rule)).toThrow(/is no host, \*\.domain, address, range/);
  });
});
