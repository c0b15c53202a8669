import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Route, useRoute } from '../app/routes'
import { Button, type IconName, MiniRibbon, Row } from '../design'
import { age, clock, dayMonth, isoDay, minutesSince, nearDay, personName, weekdayName } from '../i18n/format'
import type { AgendaRowView } from '../ipc/generated/AgendaRowView'
import { currentStep } from './ribbon'

type T = ReturnType<typeof useTranslation<'agenda'>>['t']

export function AgendaRow({ row, late, selected }: { row: AgendaRowView; late: boolean; selected: boolean }) {
  const { t } = useTranslation('agenda')
  const { go } = useRoute()
  useMinute()
  const here: Route = { place: 'today', id: row.televisit_id }
  const next = nextAction(row, t)
  const otherDay = isoDay(new Date(row.start)) !== isoDay()
  const step = currentStep(row.ribbon)
  return (
    <Row
      testId={`row-${row.televisit_id}`}
      selected={selected}
      label={t('rowLabel', { at: clock(row.start), name: personName(row.patient), what: row.reason })}
      onOpen={() => go(here)}
      lead={
        late && otherDay ? (
          <>
            <small>{weekdayName(row.start)}</small>
            {dayMonth(row.start)}
          </>
        ) : (
          clock(row.start)
        )
      }
      who={personName(row.patient)}
      age={age(row.patient)}
      what={row.reason}
      status={
        <>
          <MiniRibbon states={row.ribbon.map(({ state }) => state)} label={t('stepOf', { n: step })} />
          <span className="cut">{statusOf(row, t)}</span>
        </>
      }
      action={
        <Button
          small
          kind={next.strong ? (selected ? 'primary' : 'second') : 'quiet'}
          icon={next.icon}
          testId={`row-action-${row.televisit_id}`}
          onPress={() => go(next.view ? { ...here, view: next.view } : here)}
        >
          {next.word}
        </Button>
      }
    />
  )
}

type Next = { word: string; strong: boolean; icon?: IconName; view?: Route['view'] }

function nextAction(row: AgendaRowView, t: T): Next {
  switch (row.stage) {
    case 'waiting':
      return { word: t('prepare'), strong: true, icon: 'video' }
    case 'in_call':
      return { word: t('resume'), strong: true, icon: 'video', view: 'call' }
    case 'to_report':
      return { word: t('writeReport'), strong: true, view: 'report' }
    case 'delivering':
      return { word: t('receipts'), strong: false }
    case 'booked':
      return row.ribbon.some(({ step, state }) => step === 'eligibility' && state === 'failed')
        ? { word: t('phone'), strong: true, icon: 'phone' }
        : { word: t('open'), strong: false }
    default:
      return { word: t('open'), strong: false }
  }
}

function statusOf(row: AgendaRowView, t: T): ReactNode {
  if (row.deadline && row.stage !== 'done') {
    const near = nearDay(row.deadline)
    const words =
      near === 'oggi'
        ? t('dueToday', { at: clock(row.deadline) })
        : near === 'domani'
          ? t('dueTomorrow', { at: clock(row.deadline) })
          : t('dueOn', { on: near })
    const soon = Date.parse(row.deadline) - Date.now() < 2 * 86_400_000
    return (
      <b className={soon ? 'c-danger' : undefined}>
        {Date.parse(row.deadline) < Date.now() ? t('overdue', { on: near }) : words}
      </b>
    )
  }
  switch (row.stage) {
    case 'waiting':
      return row.waiting_since ? (
        <>
          {t('waitingFor')} <b>{t('minutes', { count: minutesSince(row.waiting_since) })}</b>
        </>
      ) : null
    case 'in_call':
      return <b className="c-info">{t('inCallSince')}</b>
    case 'to_report':
      return <b>{t('reportToWrite')}</b>
    case 'delivering':
      return <b className="c-off">{t('delivering')}</b>
    case 'done':
      return t('done')
    case 'not_held':
      return t('notHeld')
    case 'refused':
      return <b className="c-warn">{t('refused')}</b>
    case 'booked': {
      const test = row.ribbon.find(({ step }) => step === 'eligibility')
      if (test?.state === 'failed') return <b className="c-warn">{t('testFailed')}</b>
      if (test?.state !== 'done') return <b className="c-warn">{t('testMissing')}</b>
      return row.with_caregiver ? t('withCaregiver') : t('notOpenYet')
    }
  }
}

/** Draws again as the minutes pass. */
export function useMinute() {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 20_000)
    return () => clearInterval(timer)
  }, [])
}
