import { expect, test } from 'vitest'
import { KEYS } from './keys'

const SOURCES = import.meta.glob<string>(['../**/*.tsx', '!../**/*.test.tsx'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

/** What lists, buttons and fields do by themselves, and the places, bound by their number. */
const UNBOUND = ['rows', 'Enter', 'Escape', 'Space', 'Ctrl+1', 'Ctrl+6']

function boundBySubject() {
  const bound = new Map<string, Set<string>>()
  for (const [path, source] of Object.entries(SOURCES)) {
    if (!source.includes('useShortcuts(') || path.endsWith('shortcuts.tsx')) continue
    // Paths are told from this folder: `./Frame.tsx`, `../batch/ToSign.tsx`.
    const subject = path.startsWith('./') ? 'app' : (path.split('/')[1] ?? '')
    const keys = bound.get(subject) ?? new Set<string>()
    for (const match of source.matchAll(/'((?:Ctrl|Alt)\+[^'$]+|\?)':|\b(F\d+):/g)) keys.add(match[1] ?? match[2] ?? '')
    bound.set(subject, keys)
  }
  return bound
}

test('every key that a screen binds is in the list of its subject, and no other', () => {
  const bound = boundBySubject()
  expect(bound.get('batch')?.has('Alt+S'), 'the sources are read').toBe(true)
  for (const [subject, keys] of bound) {
    const listed = KEYS.filter(({ from }) => (from as readonly string[]).includes(subject)).flatMap(({ keys: rows }) =>
      rows.flatMap((row): string[] => [...row.keys]),
    )
    for (const key of keys) expect(listed, `${key} of ${subject}`).toContain(key)
  }
  for (const group of KEYS) {
    const here = new Set(group.from.flatMap((subject) => [...(bound.get(subject) ?? [])]))
    for (const key of group.keys.flatMap((row): string[] => [...row.keys])) {
      if (!UNBOUND.includes(key)) expect([...here], `${key} of ${group.name}`).toContain(key)
    }
  }
})
