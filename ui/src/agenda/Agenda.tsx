import { useDeferredValue, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Empty, GroupHead, Icon, moveBetweenRows, Segments, SkeletonRows } from '../design'
import { clock, isoDay, shiftDay, shortWhen, weekday } from '../i18n/format'
import type { AgendaDayView } from '../ipc/generated/AgendaDayView'
import { useView } from '../ipc/query'
import { TelevisitDetail } from '../televisit/TelevisitDetail'
import { AgendaRow } from './AgendaRow'
import { countOf, type Filter, groupsOf } from './groups'
import './agenda.css'

export function Agenda() {
  const { t } = useTranslation('agenda')
  const { route, go } = useRoute()
  const [day, setDay] = useState(() => isoDay())
  const [search, setSearch] = useState('')
  const [filter, setFilter] = useState<Filter>('all')
  const asked = useDeferredValue(search.trim())
  const view = useView('agenda_day', [{ day, search: asked }])
  const whole = useView('agenda_day', [{ day, search: '' }])
  const today = isoDay()

  // Opened with nothing chosen, the first row that asks for attention is chosen where there is room for it.
  const first = firstOf(view.data)
  useEffect(() => {
    if (!route.id && first && window.matchMedia?.('(min-width: 1200px)').matches) go({ place: 'today', id: first })
  }, [route.id, first, go])

  return (
    <div className={`split${route.id ? ' has-detail' : ''}`}>
      <section className="pane list" aria-label={t('agendaOf')} data-pane="list" data-testid="agenda">
        <div className="pane-head">
          <h1 className="grow agenda-title">
            {day === today ? t('title') : t('agendaOf')} <span className="mut agenda-day">{weekday(day)}</span>
          </h1>
          <StationBadge />
          <span className="agenda-days">
            <Button
              kind="quiet"
              small
              icon="chevron-left"
              label={t('previousDay')}
              testId="day-before"
              onPress={() => setDay(shiftDay(day, -1))}
            />
            {day === today ? null : (
              <Button
                kind="quiet"
                small
                icon="today"
                label={t('backToToday')}
                testId="day-today"
                onPress={() => setDay(today)}
              />
            )}
            <Button
              kind="quiet"
              small
              icon="chevron-right"
              label={t('nextDay')}
              testId="day-after"
              onPress={() => setDay(shiftDay(day, 1))}
            />
          </span>
        </div>
        <div className="agenda-search">
          <Icon name="search" size="s" />
          <input
            type="search"
            className="ps-input"
            aria-label={t('search')}
            placeholder={t('searchPlaceholder')}
            value={search}
            data-testid="agenda-search"
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
        <Segments<Filter>
          label={t('agendaOf')}
          value={filter}
          onChange={setFilter}
          testId="filter"
          options={(['all', 'waiting', 'to_report', 'closed'] as const).map((value) => ({
            value,
            label: t(value === 'to_report' ? 'toReport' : value),
            count: whole.data ? countOf(whole.data, value) : undefined,
          }))}
        />
        {view.error ? (
          <div className="pad">
            <FailureBanner failure={view.error.failure} onRetry={() => view.refetch()} />
          </div>
        ) : null}
        {view.isPending ? <SkeletonRows /> : null}
        {view.data ? (
          <Rows
            view={view.data}
            filter={filter}
            searching={asked !== ''}
            today={day === today}
            onClear={() => setSearch('')}
          />
        ) : null}
        <ToSign />
        {view.data?.as_of ? (
          <div className="agenda-asof t-xs mut">{t('asOf', { at: shortWhen(view.data.as_of) })}</div>
        ) : null}
      </section>
      <section className="pane detail" data-pane="detail">
        {route.id ? (
          <TelevisitDetail key={route.id} televisitId={route.id} onBack={() => go({ place: 'today' })} />
        ) : (
          <Empty icon="today" title={t('choose')}>
            {t('chooseText')}
          </Empty>
        )}
      </section>
    </div>
  )
}

const firstOf = (view: AgendaDayView | undefined) => {
  if (!view) return undefined
  const groups = groupsOf(view, 'all')
  const wanted = groups.find(({ id }) => id === 'inCall') ?? groups.find(({ id }) => id === 'waiting') ?? groups[0]
  return wanted?.rows[0]?.televisit_id
}

function StationBadge() {
  const { t } = useTranslation('agenda')
  const station = useView('station_state', [])
  if (!station.data) return null
  const check = station.data.check
  return check?.passed ? (
    <span className="nw t-xs c-ok line tight">
      <Icon name="check-circle" size="s" />
      {t('stationOk', { at: clock(check.at) })}
    </span>
  ) : (
    <span className="nw t-xs c-warn line tight">
      <Icon name="warning-circle" size="s" />
      {t('stationToCheck')}
    </span>
  )
}

/** The way to *Firma massiva*, while there is something to sign. */
function ToSign() {
  const { t } = useTranslation('batch')
  const { go } = useRoute()
  const list = useView('batch_list', [])
  const batch = useView('batch_state', [])
  const open = () => go({ place: 'today', view: 'batch' })
  useShortcuts({ 'Alt+F': open })
  const ready = list.data?.rows.filter(({ obstacle }) => obstacle === null).length ?? 0
  if (ready === 0 && !batch.data) return null
  return (
    <div className="agenda-batch">
      <span className="grow t-xs">{batch.data ? t(`going.${batch.data.phase}`) : t('ready', { count: ready })}</span>
      <Button small icon="pencil" testId="open-batch" title={t('key')} onPress={open}>
        {t('open')}
      </Button>
    </div>
  )
}

type RowsProps = { view: AgendaDayView; filter: Filter; searching: boolean; today: boolean; onClear: () => void }

function Rows({ view, filter, searching, today, onClear }: RowsProps) {
  const { t } = useTranslation('agenda')
  const { route } = useRoute()
  const groups = groupsOf(view, filter)
  if (groups.length === 0)
    return (
      <Empty
        icon="calendar"
        testId="agenda-empty"
        title={
          searching ? t('emptySearch') : filter !== 'all' ? t('emptyFilter') : t(today ? 'emptyToday' : 'emptyDay')
        }
        actions={searching ? <Button onPress={onClear}>{t('clearSearch')}</Button> : null}
      >
        {searching || filter !== 'all' ? null : t('emptyText')}
      </Empty>
    )
  return (
    <ul className="scroll" onKeyDown={moveBetweenRows}>
      {groups.map((group) => (
        <GroupRows
          key={group.id}
          tone={group.id === 'late' ? 'danger' : undefined}
          title={titleOf(group.id, t)}
          count={group.rows.length}
        >
          {group.rows.map((row) => (
            <AgendaRow
              key={row.televisit_id}
              row={row}
              late={group.id === 'late'}
              selected={route.id === row.televisit_id}
            />
          ))}
        </GroupRows>
      ))}
    </ul>
  )
}

function GroupRows({
  title,
  count,
  tone,
  children,
}: {
  title: string
  count: number
  tone?: 'danger'
  children: React.ReactNode
}) {
  return (
    <>
      <GroupHead count={count} tone={tone}>
        {tone ? <Icon name="due" size="s" /> : null}
        {title}
      </GroupHead>
      {children}
    </>
  )
}

function titleOf(id: ReturnType<typeof groupsOf>[number]['id'], t: ReturnType<typeof useTranslation<'agenda'>>['t']) {
  switch (id) {
    case 'late':
      return t('groupLate')
    case 'inCall':
      return t('groupInCall')
    case 'waiting':
      return t('groupWaiting')
    case 'next':
      return t('groupNext')
    case 'toReport':
      return t('groupToReport')
    case 'delivering':
      return t('groupDelivering')
    case 'closed':
      return t('groupClosed')
  }
}
