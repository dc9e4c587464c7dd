/** Who is there besides the account. alice and bob are whom the page signs in as. */
export const people = {
  alice: 'Alice',
  bob: 'Bob',
  kenji: 'Kenji',
  mira: 'Mira',
  nour: 'Nour',
  tomas: 'Tomas',
} as const

export type Person = keyof typeof people

/** `[minutes before the start, who, what]`. */
export type SeedMessage = readonly [number, Person, string, SeedMore?]

export interface SeedMore {
  /** What it was before it was changed, two minutes later. */
  readonly was?: string
  readonly pinnedBy?: Person
}

export interface SeedChannel {
  /** Undefined for the direct channel of its members. */
  readonly uniqueName: string | undefined
  readonly friendlyName: string | undefined
  readonly members: readonly Person[]
  /** From the oldest to the newest. */
  readonly messages: readonly SeedMessage[]
  /** How many of the newest a member has not read; without an entry, none. */
  readonly unread: Partial<Record<Person, number>>
}

/** What a long message looks like: paragraphs, a list, and a line that has no room on a phone. */
const notes = `Notes from the walk-through, so that nobody has to scroll back:

1. The list feels right. Nothing jumps while older messages load, and the line at the first unread one is where I looked for it.
2. Search finds what I mean even when I mistype it. I searched for "lanturn" and got every lantern we ever talked about.
3. On my phone the composer stayed above the keyboard, also after I turned it. That was the one I was afraid of.

What I could not break, though I tried: I pulled the plug in the middle of five messages, made coffee, and put it back. All five arrived, in order, each once.

Left for tomorrow: the empty state of a new channel still says nothing, and somebody should read it with a screen reader. Volunteers? The address is https://example.com/lantern/review?view=phone&theme=dark&build=2024-11-rc1#composer-and-keyboard`

const general: readonly SeedMessage[] = [
  [2871, 'mira', 'Good morning! Two days until Lantern is out. Who is where today?'],
  [2868, 'kenji', 'おはようございます。今日は自宅からです。午後は電話に出られます。'],
  [2866, 'bob', 'Office. I brought the bread that did not work out, it is still good toasted'],
  [2864, 'alice', 'Train until ten, so my network comes and goes. Good test 🙂'],
  [2859, 'nour', 'صباح الخير للجميع! سأراجع الترجمة العربية اليوم وأرسل الملاحظات قبل الظهر.'],
  [2858, 'nour', 'And in English for the log: I am on the Arabic texts, notes before noon.'],
  [2840, 'tomas', 'Dobré ráno. Příliš žluťoučký kůň úpěl ďábelské ódy: the new font has all of them now.'],
  [2837, 'mira', '👏👏👏'],
  [2790, 'alice', 'Tunnel. If this arrives, the queue works.'],
  [2789, 'alice', 'And this is the second one from the same tunnel'],
  [2785, 'bob', 'Both here, in order'],
  [2702, 'kenji', 'The numbers from last night: 10,000 messages loaded, scrolling stays at 60 frames. 🎉'],
  [2699, 'bob', 'On the old laptop too?'],
  [2697, 'kenji', '古いほうでも大丈夫でした。'],
  [2611, 'nour', 'الملاحظات جاهزة: ثلاث جمل فقط تحتاج إلى تعديل، والباقي ممتاز. الرابط: https://example.com/lantern/ar'],
  [2606, 'mira', 'Дякую! Виправлю сьогодні.'],
  [2548, 'tomas', 'Lunch at the place with the owl on the door?'],
  [2547, 'alice', 'Draw the owl first'],
  [2546, 'bob', '🦉'],
  [2545, 'tomas', 'https://en.wikipedia.org/wiki/Owl for those who need a model'],
  [2390, 'mira', 'The texts are in. Bob, can you make a build?'],
  [
    2378,
    'bob',
    'Build 2024-11-rc1 is up: https://example.com/lantern/rc1 (you need to sign in)',
    { was: 'Build 2024-11-rc1 is up' },
  ],
  [2371, 'alice', 'Trying it on the platform, with one bar of signal'],
  [2344, 'alice', 'It said "offline 40 s" once and never lost a word. I am a little proud of us.'],
  [1482, 'kenji', 'おはよう☀️ One more day.'],
  [1479, 'mira', 'Morning! Walk-through at eleven, fifteen minutes, everybody clicks everything.'],
  [1440, 'tomas', 'שלום לכולם, my cousin in Haifa asks whether it also works from right to left. I said: try it.'],
  [1436, 'nour', 'It does, also mixed: النسخة 2024-11-rc1 تعمل على الهاتف بدون مشاكل, even with the numbers inside.'],
  [1361, 'bob', 'I am in the small room, the large one is being painted'],
  [1310, 'alice', notes, { was: notes.slice(0, notes.indexOf('\n\nLeft')), pinnedBy: 'tomas' }],
  [1304, 'kenji', 'I take the screen reader.'],
  [1303, 'kenji', '日本語の読み上げも確認します。'],
  [1298, 'mira', 'I take the empty states. They should say what to do next, not that there is nothing.'],
  [1120, 'tomas', 'Whoever wrote "Nothing here yet. Say hello?": ❤️'],
  [1118, 'mira', '🙇‍♀️'],
  [214, 'bob', 'Release candidate 2 is up. Only the empty states changed.'],
  [199, 'nour', 'ممتاز، جرّبته للتو.'],
  [
    187,
    'kenji',
    'The screen reader reads new messages once, and is silent while history loads. That is what I hoped for.',
  ],
  [95, 'tomas', 'Cake is ordered: carrot, for eight, no nuts 🥕🎂'],
  [
    52,
    'mira',
    'Then we are ready. Tomorrow at nine, and nobody touches anything until then.',
    { was: 'Then we are ready. Tomorrow at ten, and nobody touches anything until then.', pinnedBy: 'mira' },
  ],
  [31, 'alice', 'I am not touching anything', { was: 'I am hardly touching anything' }],
  [30, 'bob', 'She is touching something'],
]

const design: readonly SeedMessage[] = [
  [1700, 'mira', 'Second round of the icons is in the folder. The lantern has a handle now.'],
  [1694, 'alice', 'Much better. Does it hold at 16 pixels?'],
  [1650, 'tomas', 'Barely. I would drop the inner line below 24.'],
  [1320, 'mira', 'Dropped. And the amber is a little darker, for the contrast: 4.6 on paper now.'],
  [140, 'tomas', 'Can somebody with a bad screen look at the hairlines?'],
  [126, 'kenji', 'My monitor is from 2011 and I can see them 🙋'],
  [61, 'mira', 'Then it is settled. I will export everything tonight.'],
]

const support: readonly SeedMessage[] = [
  [
    1580,
    'nour',
    'A customer asks whether an address can be taken out of a message that was sent. Yes: edit it, and everybody sees the new text.',
  ],
  [1570, 'bob', 'And the old one is gone from search within a second'],
  [230, 'nour', 'Another one has 300 channels, and asks how to find the quiet ones.'],
  [12, 'nour', 'They found it themselves: ⌘K. They write that it is "like being read".'],
]

const direct: readonly SeedMessage[] = [
  [1290, 'bob', 'Your notes are good. Tired?'],
  [1288, 'alice', 'A little. The train home is the quiet one, thank God'],
  [1286, 'bob', 'I will keep you a slice if they eat everything tomorrow'],
  [26, 'alice', 'What is it that I am touching?'],
  [25, 'bob', 'The coffee machine. It blinks.'],
]

const everybody = Object.keys(people) as Person[]

/** Beginning with the one that the pages' commands use. */
export const channels: readonly SeedChannel[] = [
  { uniqueName: 'general', friendlyName: 'general', members: everybody, messages: general, unread: { nour: 2 } },
  {
    uniqueName: 'design',
    friendlyName: 'design',
    members: ['alice', 'kenji', 'mira', 'tomas'],
    messages: design,
    unread: { alice: 3 },
  },
  {
    uniqueName: 'support',
    friendlyName: 'support',
    members: ['alice', 'bob', 'nour'],
    messages: support,
    unread: { alice: 1, bob: 2 },
  },
  { uniqueName: undefined, friendlyName: undefined, members: ['alice', 'bob'], messages: direct, unread: {} },
]
