/**
 * The text of an answer while it is typed: saved shortly after the last keystroke and before the screen is covered, one save
 * at a time. *Salvato* is said only after the core's answer.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { registerFlush } from '../app/flush'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'

const PAUSE_MS = 350

export function useAnswer(teleconsultId: string, begun: string, kept: boolean) {
  const [text, setText] = useState(begun)
  const [savedAt, setSavedAt] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const typed = useRef(begun)
  const stored = useRef(begun)
  const done = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const chain = useRef<Promise<void>>(Promise.resolve())
  const alive = useRef(true)

  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    chain.current = chain.current.then(async () => {
      const now = typed.current
      if (!kept || done.current || now === stored.current) return
      if (alive.current) setSaving(true)
      try {
        await call('teleconsult_answer_save', { teleconsult_id: teleconsultId, text: now })
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
  }, [teleconsultId, kept])

  const change = useCallback(
    (next: string) => {
      typed.current = next
      setText(next)
      clearTimeout(timer.current)
      if (kept) timer.current = setTimeout(() => void flush(), PAUSE_MS)
    },
    [flush, kept],
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

  /** Sent: what was typed is no draft any more. */
  const sent = useCallback(() => {
    done.current = true
  }, [])

  return { text, change, flush, sent, savedAt, saving, failure }
}
