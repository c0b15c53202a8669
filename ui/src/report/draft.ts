/**
 * The draft as it is typed. A change is saved at most 400 ms after the last keystroke and when a field is left; saves go one at
 * a time, each on the revision that the one before returned. *Salvato* is said only after the core's answer.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { registerFlush } from '../app/flush'
import { call } from '../ipc/call'
import { toFailure } from '../ipc/failure'
import type { Failure } from '../ipc/generated/Failure'
import type { FindingView } from '../ipc/generated/FindingView'
import type { ReportForm } from '../ipc/generated/ReportForm'
import type { ReportView } from '../ipc/generated/ReportView'
import { keyOf } from '../ipc/query'

export const PAUSE_MS = 350

export type Draft = {
  form: ReportForm
  revision: number
  savedAt: string | null
  findings: FindingView[]
  saving: boolean
  failure: Failure | null
  change: (change: Partial<ReportForm>) => void
  flush: () => Promise<void>
  retry: () => Promise<void>
}

export function useDraft(report: ReportView): Draft {
  const client = useQueryClient()
  const [form, setForm] = useState(report.form)
  const [saved, setSaved] = useState({ revision: report.revision, savedAt: report.saved_at, findings: report.findings })
  const [saving, setSaving] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const typed = useRef(report.form)
  const stored = useRef(report.form)
  const revision = useRef(report.revision)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const chain = useRef<Promise<void>>(Promise.resolve())
  const alive = useRef(true)

  const save = useCallback((): Promise<void> => {
    clearTimeout(timer.current)
    chain.current = chain.current.then(async () => {
      const now = typed.current
      if (now === stored.current) return
      if (alive.current) setSaving(true)
      try {
        const answer = await call('report_save', {
          televisit_id: report.televisit_id,
          revision: revision.current,
          form: now,
        })
        stored.current = now
        revision.current = answer.revision
        client.setQueryData<ReportView>(keyOf('report_open', { televisit_id: report.televisit_id }), (view) =>
          view
            ? { ...view, form: now, revision: answer.revision, saved_at: answer.saved_at, findings: answer.findings }
            : view,
        )
        if (alive.current) {
          setSaved({ revision: answer.revision, savedAt: answer.saved_at, findings: answer.findings })
          setFailure(null)
        }
      } catch (refusal) {
        if (alive.current) setFailure(toFailure(refusal))
      } finally {
        if (alive.current) setSaving(false)
      }
    })
    return chain.current
  }, [client, report.televisit_id])

  const change = useCallback(
    (part: Partial<ReportForm>) => {
      typed.current = { ...typed.current, ...part }
      setForm(typed.current)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void save(), PAUSE_MS)
    },
    [save],
  )

  useEffect(() => {
    alive.current = true
    const forget = registerFlush(save)
    return () => {
      alive.current = false
      forget()
      void save()
    }
  }, [save])

  // The core may answer with newer findings (a refusal by the region): they are shown, and the text is left alone.
  useEffect(() => {
    if (report.revision >= revision.current && stored.current === typed.current) {
      revision.current = report.revision
      setSaved({ revision: report.revision, savedAt: report.saved_at, findings: report.findings })
    }
  }, [report.revision, report.saved_at, report.findings])

  return { form, ...saved, saving, failure, change, flush: save, retry: save }
}
