/** Every key of the window, in the order shown. `?` and *Impostazioni, Tastiera* show this list; a test holds it against what screens bind. */

/** Keys are named as `useShortcuts` names them; `rows`, `Enter`, `Escape` and `Space` belong to lists and buttons. */
export const KEYS = [
  {
    name: 'general',
    from: ['app'],
    keys: [
      { keys: ['Ctrl+K'], does: 'find' },
      { keys: ['?'], does: 'list' },
      { keys: ['Ctrl+1', 'Ctrl+6'], does: 'places' },
      { keys: ['Ctrl+L'], does: 'lock' },
      { keys: ['F6'], does: 'pane' },
      { keys: ['rows'], does: 'rows' },
      { keys: ['Enter'], does: 'enter' },
      { keys: ['Escape'], does: 'esc' },
    ],
  },
  {
    name: 'visit',
    from: ['televisit', 'report', 'call'],
    keys: [
      { keys: ['Alt+I'], does: 'identity' },
      { keys: ['Alt+C'], does: 'consent' },
      { keys: ['Alt+A'], does: 'start' },
      { keys: ['Alt+R'], does: 'report' },
      { keys: ['Alt+T'], does: 'phone' },
      { keys: ['Ctrl+Enter'], does: 'sign' },
    ],
  },
  {
    name: 'inCall',
    from: ['call'],
    keys: [
      { keys: ['Ctrl+D'], does: 'microphone' },
      { keys: ['Ctrl+E'], does: 'camera' },
      { keys: ['Ctrl+Shift+C'], does: 'chat' },
      { keys: ['Ctrl+Shift+X'], does: 'end' },
    ],
  },
  {
    name: 'batch',
    from: ['agenda', 'batch'],
    keys: [
      { keys: ['Alt+F'], does: 'openBatch' },
      { keys: ['Space'], does: 'choose' },
      { keys: ['Alt+S'], does: 'chooseAll' },
      { keys: ['Ctrl+Enter'], does: 'readOrSign' },
    ],
  },
  {
    name: 'teleconsult',
    from: ['teleconsult'],
    keys: [
      { keys: ['Alt+M'], does: 'mine' },
      { keys: ['Alt+N'], does: 'newRequest' },
      { keys: ['Alt+I'], does: 'askInformation' },
      { keys: ['Ctrl+Enter'], does: 'sendAnswer' },
    ],
  },
  {
    name: 'transition',
    from: ['transition'],
    keys: [
      { keys: ['Alt+M'], does: 'mine' },
      { keys: ['Alt+N'], does: 'newCase' },
      { keys: ['Alt+A'], does: 'claim' },
      { keys: ['Ctrl+Enter'], does: 'next' },
    ],
  },
  { name: 'patient', from: ['patient'], keys: [{ keys: ['Alt+N'], does: 'newForPatient' }] },
] as const

const SHOWN: Record<string, 'palette.enter' | 'keys.arrows' | 'keys.space'> = {
  Enter: 'palette.enter',
  rows: 'keys.arrows',
  Space: 'keys.space',
}

/** The caps of the keys of a row: *Ctrl Shift C*, *Ctrl Invio*. `t` is of `frame`. */
export function capsOf(keys: readonly string[], t: (key: 'palette.enter' | 'keys.arrows' | 'keys.space') => string) {
  return keys.map((name) =>
    name
      .split('+')
      .map((part) => {
        const words = SHOWN[part]
        return words ? t(words) : part === 'Escape' ? 'Esc' : part
      })
      .join(' '),
  )
}
