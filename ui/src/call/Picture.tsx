import { useEffect, useRef } from 'react'
import { attach, onDrawn, openFrames } from './frames'
import { painterFor } from './painter'

/** A canvas on which the pictures of one end are drawn. It shows nothing until the first one comes. */
export function Picture({ kind, label, onFirst }: { kind: 'remote' | 'own'; label: string; onFirst?: () => void }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const tell = useRef(onFirst)
  tell.current = onFirst
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const painter = painterFor(element)
    if (!painter) return
    const detach = attach(kind, painter)
    const stop = onDrawn((drawn) => {
      if (drawn !== kind || element.dataset.drawn) return
      element.dataset.drawn = 'true'
      tell.current?.()
    })
    void openFrames()
    return () => {
      stop()
      detach()
    }
  }, [kind])
  return <canvas ref={canvas} className="picture" role="img" aria-label={label} data-testid={`picture-${kind}`} />
}
