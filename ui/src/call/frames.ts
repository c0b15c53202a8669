/**
 * Pictures from the core to the canvases. There is one channel for the window; the newest picture of each kind is drawn at the
 * next repaint and acknowledged, so a slow window makes the core skip pictures instead of piling them up.
 */
import { call } from '../ipc/call'
import { host } from '../ipc/host'
import { cornerSize, countDrawn, isCounting, readStamp } from './drawn'
import type { Painter } from './painter'
import { type Picture, readPicture } from './wire'

type Kind = Picture['kind']

const painters: Record<Kind, Set<Painter>> = { remote: new Set(), own: new Set() }
const fresh: Record<Kind, Picture | null> = { remote: null, own: null }
const drawnSeq: Record<Kind, number> = { remote: 0, own: 0 }
const listeners = new Set<(kind: Kind) => void>()
let scheduled = false
let opened: Promise<void> | null = null

/** Opens the channel, once for the window. */
export function openFrames() {
  opened ??= host()
    .then((core) => core.frames(receive))
    .catch(() => {
      opened = null
    })
  return opened
}

export function attach(kind: Kind, painter: Painter) {
  painters[kind].add(painter)
  return () => {
    painters[kind].delete(painter)
  }
}

/** Tells of each picture drawn: the first one ends the waiting. */
export function onDrawn(listener: (kind: Kind) => void) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

function receive(buffer: ArrayBuffer) {
  const picture = readPicture(buffer)
  if (!picture) return
  fresh[picture.kind] = picture
  if (scheduled) return
  scheduled = true
  requestAnimationFrame(draw)
}

function draw() {
  scheduled = false
  for (const kind of ['remote', 'own'] as const) {
    const picture = fresh[kind]
    if (!picture) continue
    fresh[kind] = null
    let counted = false
    for (const painter of painters[kind]) {
      painter.draw(picture)
      if (kind === 'remote' && isCounting() && !counted) {
        counted = true
        const { width, height } = cornerSize(picture.height)
        if (width > 0) countDrawn(readStamp(painter.corner(width, height), picture.height))
      }
    }
    drawnSeq[kind] = picture.seq
    for (const listener of listeners) listener(kind)
  }
  call('call_frames_drawn', { remote: drawnSeq.remote, own: drawnSeq.own }).catch(() => {})
}

/** A call that ended leaves no picture behind. */
export function clearPictures() {
  fresh.remote = null
  fresh.own = null
  for (const kind of ['remote', 'own'] as const) for (const painter of painters[kind]) painter.clear()
}
