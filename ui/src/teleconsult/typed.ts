/**
 * A text of a case while it is typed: saved shortly after the last keystroke and before the screen is covered, one save
 * at a time. *Salvato* is said only after the core's answer. What is typed is also put in the view that the window
 * remembers, so that leaving the case and coming back shows it and never the text from before.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { registerFlush } from '../app/flush'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { TeleconsultView } from '../ipc/generated/TeleconsultView'
import { keyOf } from '../ipc/query'

const PAUSE_MS = 350

type Keeping<T> = {
  /** Makes it durable. */
  save: (written: T) => Promise<unknown>
  /** The view with it, as the core would give it now. */
  within: (view: TeleconsultView, written: T) => TeleconsultView
}

export function useTyped<T extends object>(teleconsultId: string, begun: T, { save, within }: Keeping<T>) {
  const client = useQueryClient()
  const [written, setWritten] = useState(begun)
  const [savedAt, setSavedAt] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const typed = useRef(begun)
  const stored = useRef(begun)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const chain = useRef<Promise<void>>(Promise.resolve())
  const alive = useRef(true)
  const keeping = useRef({ save, within })
  keeping.current = { save, within }

  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    if (typed.current !== stored.current)
      client.setQueryData<TeleconsultView>(keyOf('teleconsult_open', { teleconsult_id: teleconsultId }), (view) =>
        view ? keeping.current.within(view, typed.current) : view,
      )
    chain.current = chain.current.then(async () => {
      const now = typed.current
      if (now === stored.current) return
      if (alive.current) setSaving(true)
      try {
        await keeping.current.save(now)
        stored.current = now
        if (alive.current) {
          setSavedAt(new Date().toISOString())
          setFailure(null)
        }
      } catch (refusal) {
        if (alive.current) setFailure(toFailure(refusal))
      } finally {
        if (alive.current) setSaving(false)
      }
    })
    return chain.current
  }, [client, teleconsultId])

  const change = useCallback(
    (part: Partial<T>) => {
      typed.current = { ...typed.current, ...part }
      setWritten(typed.current)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void flush(), PAUSE_MS)
    },
    [flush],
  )

  useEffect(() => {
    alive.current = true
    const forget = registerFlush(flush)
    return () => {
      alive.current = false
      forget()
      void flush()
    }
  }, [flush])

  /** Sent: what was typed is no draft any more, and the box is blank for the next. */
  const sent = useCallback((blank: T) => {
    clearTimeout(timer.current)
    typed.current = blank
    stored.current = blank
    setWritten(blank)
    setSavedAt(null)
  }, [])

  return { written, change, flush, sent, savedAt, saving, failure }
}
