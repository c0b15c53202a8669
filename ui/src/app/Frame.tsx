import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CompactCall } from '../call/CompactCall'
import { DrawnCount } from '../call/DrawnCount'
import { useCallState } from '../call/state'
import { Icon, Kbd, SkeletonRows } from '../design'
import { clock, initials, isoDay, personName } from '../i18n/format'
import { call } from '../ipc/call'
import type { LinkView } from '../ipc/generated/LinkView'
import type { Role } from '../ipc/generated/Role'
import type { SessionView } from '../ipc/generated/SessionView'
import { setSession, useView } from '../ipc/query'
import { ShiftDialog } from '../session/ShiftDialog'
import { ErrorBoundary } from './ErrorBoundary'
import { flushAll } from './flush'
import { Palette } from './Palette'
import { placesOf, screenOf } from './places'
import { asks } from './role'
import { type Place, useRoute } from './routes'
import { ShortcutsDialog } from './ShortcutsDialog'
import { nextPane, useShortcuts } from './shortcuts'
import './frame.css'

export type OpenSession = Extract<SessionView, { state: 'open' }>

export function Frame({ session }: { session: OpenSession }) {
  const { t } = useTranslation('frame')
  const { route, go } = useRoute()
  const client = useQueryClient()
  const station = useView('station_state', [])
  const callState = useCallState()
  const [over, setOver] = useState<'palette' | 'keys' | 'shift' | null>(null)
  const places = placesOf(session.assignment.role)
  const Screen = screenOf(route.place)
  const counters = useCounters(session.assignment.role, station.data?.link)

  const lock = async () => {
    await flushAll()
    setSession(client, await call('session_lock'))
  }

  useShortcuts({
    'Ctrl+K': () => setOver('palette'),
    '?': () => setOver('keys'),
    'Ctrl+L': () => void lock(),
    F6: nextPane,
    ...Object.fromEntries(
      places.slice(0, 9).map(({ place }, index) => [`Ctrl+${index + 1}`, () => go({ place })] as const),
    ),
  })

  const inCallView = route.view === 'call'
  const inReportOfCall = route.view === 'report'

  return (
    <div className="frame">
      <a className="frame-skip" href="#content">
        {t('skip')}
      </a>
      <header className="frame-head">
        <div className="frame-brand">
          P<em>ostazione</em>
        </div>
        <div className="frame-where" data-testid="role">
          <b className="cut">{session.assignment.structure}</b>
          <span className="cut">{t(`roles.${session.assignment.role}`)}</span>
        </div>
        <button
          type="button"
          className="frame-find"
          data-testid="open-palette"
          aria-label={t('search')}
          onClick={() => setOver('palette')}
        >
          <Icon name="search" size="s" />
          <span className="grow">{t('search')}</span>
          <Kbd>Ctrl K</Kbd>
        </button>
        <div className="frame-state">
          {station.data?.training ? (
            <span className="frame-link is-training wide-only" data-testid="training">
              <Icon name="info-circle" size="s" />
              {t('training')}
            </span>
          ) : null}
          {station.data ? <LinkState link={station.data.link} onQueue={() => go({ place: 'queue' })} /> : null}
        </div>
        <div className="frame-who">
          <i className="frame-face">{initials(session.person)}</i>
          <span className="wide-only">{personName(session.person)}</span>
        </div>
        <button
          type="button"
          className="frame-lock"
          data-testid="lock"
          aria-label={t('lock')}
          onClick={() => void lock()}
        >
          <Icon name="locked" size="s" />
          <span className="wide-only">{t('lock')}</span>
        </button>
      </header>
      <nav className="frame-rail" aria-label={t('places')} data-pane="rail">
        {places.map(({ place, icon }) => (
          <button
            key={place}
            type="button"
            className={route.place === place ? 'is-on' : undefined}
            aria-current={route.place === place ? 'page' : undefined}
            title={t(place)}
            data-testid={`place-${place}`}
            onClick={() => go({ place })}
          >
            <Icon name={icon} />
            <span className="frame-rail-name">{t(place)}</span>
            <Counter counter={counters[place]} place={place} />
          </button>
        ))}
        <button
          type="button"
          className="frame-rail-end"
          title={t('shift')}
          data-testid="shift-prepare"
          onClick={() => setOver('shift')}
        >
          <Icon name="download" />
          <span className="frame-rail-name">{t('shift')}</span>
        </button>
        <button type="button" title={t('shortcuts')} data-testid="open-shortcuts" onClick={() => setOver('keys')}>
          <Icon name="help-circle" />
          <span className="frame-rail-name">{t('shortcuts')}</span>
        </button>
      </nav>
      <main className="frame-main" id="content" tabIndex={-1}>
        {callState.live && !inCallView && !inReportOfCall ? <CompactCall layout="strip" /> : null}
        <ErrorBoundary reset={`${route.place}/${route.id ?? ''}/${route.view ?? ''}`}>
          <Suspense fallback={<SkeletonRows />}>
            <Screen />
          </Suspense>
        </ErrorBoundary>
      </main>
      {station.data?.training ? <DrawnCount /> : null}
      {over === 'palette' ? <Palette role={session.assignment.role} onClose={() => setOver(null)} /> : null}
      {over === 'shift' ? (
        <ShiftDialog online={station.data?.link.online ?? false} onClose={() => setOver(null)} />
      ) : null}
      {over === 'keys' ? <ShortcutsDialog onClose={() => setOver(null)} /> : null}
    </div>
  )
}

/** In words: *In linea*, *Senza rete, dati delle 08:12*, *In coda (5)*. */
export function LinkState({ link, onQueue }: { link: LinkView; onQueue?: () => void }) {
  const { t } = useTranslation('frame')
  return (
    <>
      {link.online ? (
        <span className="frame-link is-on" role="status" data-testid="link-state">
          <Icon name="wifi" size="s" />
          {t('online')}
        </span>
      ) : (
        <span className="frame-link is-off" role="status" data-testid="link-state">
          <Icon name="offline" size="s" />
          {link.data_as_of ? t('offlineSince', { at: clock(link.data_as_of) }) : t('offline')}
        </span>
      )}
      {link.queued > 0 && onQueue ? (
        <button type="button" className="frame-link is-queue" data-testid="queue-state" onClick={onQueue}>
          <Icon name="queue" size="s" />
          {t('queued', { count: link.queued })}
        </button>
      ) : null}
      {link.to_correct > 0 && onQueue ? (
        <button type="button" className="frame-link is-off" onClick={onQueue}>
          <Icon name="warning-circle" size="s" />
          {t('toCorrect', { count: link.to_correct })}
        </button>
      ) : null}
    </>
  )
}

type CounterView = { count: number; late: boolean }

function Counter({ counter, place }: { counter: CounterView | undefined; place: Place }) {
  const { t } = useTranslation('frame')
  if (!counter || counter.count === 0) return null
  const words = t(place === 'queue' ? 'waiting' : 'late', { count: counter.count })
  return (
    <span className={`frame-n${counter.late ? ' is-late' : ''}`}>
      <span aria-hidden="true">{counter.count}</span>
      <span className="hide-text">{words}</span>
    </span>
  )
}

function useCounters(role: Role, link: LinkView | undefined): Partial<Record<Place, CounterView>> {
  const today = useView('agenda_day', [{ day: isoDay(), search: '' }], { enabled: role === 'specialist' })
  const cot = role === 'cot_operator'
  const teleconsults = useView('teleconsult_list', [], { enabled: !cot })
  const board = useView('transition_board', [], { enabled: cot })
  const handovers = useView('handover_list', [], { enabled: cot })
  const mine = (teleconsults.data?.rows ?? []).filter(({ my_turn }) => my_turn)
  const late = mine.some(({ due }) => due !== null && Date.parse(due) < Date.now())
  const rows = today.data ? [...today.data.overdue, ...today.data.rows] : []
  const waiting = rows.filter((row) => row.stage === 'waiting' || row.stage === 'to_report').length
  return {
    today: asks(role) ? { count: mine.length, late } : { count: waiting, late: (today.data?.overdue.length ?? 0) > 0 },
    teleconsults: { count: mine.length, late },
    cases: { count: board.data?.counts.free ?? 0, late: (board.data?.escalations.length ?? 0) > 0 },
    handovers: {
      count: (handovers.data?.handovers ?? []).filter(({ incoming, accepted_at }) => incoming || accepted_at).length,
      late: false,
    },
    queue: { count: (link?.queued ?? 0) + (link?.to_correct ?? 0), late: (link?.to_correct ?? 0) > 0 },
  }
}
