/** Keys of the window. A screen adds its own for as long as it is on screen; the last one to come wins. */
import { useEffect, useRef } from 'react'

type Keys = Record<string, (event: KeyboardEvent) => void>

const stack: { current: Keys }[] = []

/** *Ctrl+Shift+C*, *Alt+I*, *?*. */
export function nameOf(event: KeyboardEvent) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key
  const shift = event.shiftKey && (event.ctrlKey || event.altKey || event.key.length > 1)
  return `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.altKey ? 'Alt+' : ''}${shift ? 'Shift+' : ''}${key}`
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/radio|checkbox/.test((target as HTMLInputElement).type)))

function onKey(event: KeyboardEvent) {
  const name = nameOf(event)
  const bare = !event.ctrlKey && !event.altKey && !event.metaKey
  if (bare && event.key.length === 1 && isTyping(event.target)) return
  // A modal dialog has the keyboard for itself.
  if (document.querySelector('dialog[open]')) return
  for (let index = stack.length - 1; index >= 0; index -= 1) {
    const action = stack[index]?.current[name]
    if (action) {
      event.preventDefault()
      action(event)
      return
    }
  }
}

if (typeof window !== 'undefined') window.addEventListener('keydown', onKey)

export function useShortcuts(keys: Keys) {
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    stack.push(latest)
    return () => {
      stack.splice(stack.indexOf(latest), 1)
    }
  }, [])
}

/** F6: the next pane, marked with `data-pane`. */
export function nextPane() {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null)
  if (panes.length === 0) return
  const here = panes.findIndex((pane) => pane.contains(document.activeElement))
  const pane = panes[(here + 1) % panes.length]
  const first = pane?.querySelector<HTMLElement>(
    '[aria-current="true"], [aria-current="page"], button:not(:disabled), a[href], input, textarea, select',
  )
  ;(first ?? pane)?.focus()
}
