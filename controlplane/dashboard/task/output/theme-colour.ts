/** Classes of log-row.css for the colours of the theme, which are readable on it; '' is that of plain text. */
type ColourClass = 'a-r' | 'a-g' | 'a-y' | 'a-b' | 'a-m' | 'a-c' | 'a-d' | '';
type Rgb = readonly [red: number, green: number, blue: number];

/** Hues in degrees, up to which a colour is taken for one of the theme. Orange is yellow: a warning. */
const HUES: readonly (readonly [upTo: number, name: ColourClass])[] = [
  [20, 'a-r'],
  [70, 'a-y'],
  [160, 'a-g'],
  [200, 'a-c'],
  [260, 'a-b'],
  [330, 'a-m'],
  [360, 'a-r'],
];
/** Below this difference between its strongest and weakest part a colour is a grey. */
const GREY = 40;
const BRIGHT = 170;
const BASIC: readonly ColourClass[] = ['', 'a-r', 'a-g', 'a-y', 'a-b', 'a-m', 'a-c', ''];

/** Returns the colour of the theme that is nearest to one of the 256 of terminals. */
export function paletteColour(index: number): ColourClass {
  if (index < 16) return index === 8 ? 'a-d' : (BASIC[index % 8] ?? '');
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return rgbColour([grey, grey, grey]);
  }
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  return rgbColour([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

/** Returns the colour of the theme that is nearest to a colour of any value. */
export function rgbColour([red, green, blue]: Rgb): ColourClass {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range < GREY) return most >= BRIGHT || most < GREY ? '' : 'a-d';
  const sixth =
    most === red ? (green - blue) / range : most === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  const hue = (sixth * 60 + 360) % 360;
  return HUES.find(([upTo]) => hue < upTo)?.[1] ?? 'a-r';
}
