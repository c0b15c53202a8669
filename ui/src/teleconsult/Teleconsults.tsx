import { lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { asks, useRole } from '../app/role'
import { type Route, useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Button, Empty, Segments, SkeletonRows } from '../design'
import { shortWhen, weekday } from '../i18n/format'
import type { TeleconsultListView } from '../ipc/generated/TeleconsultListView'
import { useView } from '../ipc/query'
import { StationDialog } from '../station/StationDialog'
import { CaseList } from './CaseList'
import { useFirst } from './first'
import { type Filter, type Group, groupsOf, matches, pendingOf } from './groups'
import { isToPrescribe, PrescriptionList } from './Prescriptions'
import { TeleconsultDetail } from './TeleconsultDetail'
import './teleconsult.css'

const NewRequest = lazy(() => import('./request/NewRequest').then(({ NewRequest }) => ({ default: NewRequest })))

const FILTERS: Filter[] = ['mine', 'waiting', 'over']
type Shown = Filter | 'prescribe'

/** *Teleconsulti*: the cases, and within it the open one or a new request. */
export function Teleconsults() {
  const { t } = useTranslation('teleconsult')
  const { route } = useRoute()
  const role = useRole()
  if (role === 'cot_operator')
    return (
      <div className="pane">
        <Empty icon="locked" title={t('notForRole')} testId="teleconsults-refused">
          {t('notForRoleText')}
        </Empty>
      </div>
    )
  if (route.id && route.view === 'new') return <NewRequest key={route.id} patientId={route.id} />
  return <Cases />
}

/** *Oggi* of who asks: answers to see, drafts, what is in the queue. */
export function Pending() {
  const { route } = useRoute()
  if (route.id && route.view === 'new') return <NewRequest key={route.id} patientId={route.id} />
  return <PendingCases />
}

function Cases() {
  const { t } = useTranslation('teleconsult')
  const role = useRole()
  const list = useView('teleconsult_list', [])
  const { route, go } = useRoute()
  const asking = asks(role)
  const prescriptions = useView('teleconsult_prescriptions', [], { enabled: asking })
  const due = prescriptions.data?.rows ?? []
  const [picked, setPicked] = useState<Shown | null>(null)
  const rows = list.data?.rows ?? []
  // Opened on one case, the list shows the part in which it is.
  const opened = rows.find(({ id }) => id === route.id)
  const filter = picked ?? (opened && FILTERS.find((each) => matches(opened, each))) ?? 'mine'
  const setFilter = (value: Shown) => {
    setPicked(value)
    go({ place: 'teleconsults' })
  }
  useShortcuts({ 'Alt+M': () => setFilter(filter === 'mine' ? 'waiting' : 'mine') })
  const shown: Shown[] = asking ? [...FILTERS, 'prescribe'] : FILTERS
  return (
    <Screen
      place="teleconsults"
      title={t('title')}
      list={list}
      groups={filter === 'prescribe' ? [] : groupsOf(rows, filter)}
      rows={
        filter === 'prescribe' ? <PrescriptionList rows={due} place="teleconsults" selected={route.id} /> : undefined
      }
      filter={
        <Segments<Shown>
          label={t('filter')}
          value={filter}
          onChange={setFilter}
          testId="teleconsult-filter"
          options={shown.map((value) => ({
            value,
            label: value === 'prescribe' ? t('prescriptions.title') : t(value === 'mine' && !asking ? 'todo' : value),
            count:
              value === 'prescribe'
                ? due.filter(isToPrescribe).length
                : list.data && value !== 'over'
                  ? rows.filter((row) => matches(row, value)).length
                  : undefined,
          }))}
        />
      }
      empty={
        rows.length > 0 ? (
          <Empty icon="comment" title={t('emptyFilter')} testId="teleconsults-none" />
        ) : (
          <FirstUse asking={asking} />
        )
      }
    />
  )
}

function PendingCases() {
  const { t } = useTranslation('teleconsult')
  const list = useView('teleconsult_list', [])
  return (
    <Screen
      place="today"
      title={t('pending')}
      day={weekday(new Date().toISOString())}
      list={list}
      groups={pendingOf(list.data?.rows ?? [])}
      empty={
        <Empty icon="check-circle" title={t('emptyPending')} testId="pending-empty" actions={<FindPatient />}>
          {t('emptyPendingText')}
        </Empty>
      }
    />
  )
}

type ScreenProps = {
  place: Route['place']
  title: string
  day?: string
  list: ReturnType<typeof useView<'teleconsult_list'>>
  groups: Group[]
  filter?: React.ReactNode
  /** In place of the cases. */
  rows?: React.ReactNode
  empty: React.ReactNode
}

function Screen({ place, title, day, list, groups, filter, rows, empty }: ScreenProps) {
  const { t } = useTranslation('teleconsult')
  const { route, go } = useRoute()
  const role = useRole()
  const asking = asks(role)
  const openNew = () => asking && go({ place: 'patients' })
  useShortcuts({ 'Alt+N': openNew })
  useFirst(place, groups)
  return (
    <div className={`split teleconsults${route.id ? ' has-detail' : ''}`}>
      <section
        className="pane list"
        aria-label={title}
        data-pane="list"
        data-testid={place === 'today' ? 'pending' : 'teleconsults'}
      >
        <div className="pane-head">
          <h1 className="grow">
            {title} {day ? <span className="mut teleconsult-day">{day}</span> : null}
          </h1>
          {asking ? (
            <Button small icon="plus" testId="new-teleconsult" onPress={openNew}>
              {t('newRequest')}
            </Button>
          ) : null}
        </div>
        {filter}
        {list.error ? (
          <div className="pad">
            <FailureBanner failure={list.error.failure} onRetry={() => list.refetch()} />
          </div>
        ) : null}
        {list.isPending ? <SkeletonRows /> : null}
        {rows ??
          (list.data ? (
            groups.length > 0 ? (
              <CaseList groups={groups} place={place} selected={route.id} />
            ) : (
              empty
            )
          ) : null)}
        <AsOf list={list.data} />
      </section>
      <section className="pane detail" data-pane="detail">
        {route.id ? (
          <TeleconsultDetail key={route.id} teleconsultId={route.id} onBack={() => go({ place })} />
        ) : (
          <Empty icon="comment" title={t('choose')}>
            {t('chooseText')}
          </Empty>
        )}
      </section>
    </div>
  )
}

function AsOf({ list }: { list: TeleconsultListView | undefined }) {
  const { t } = useTranslation('teleconsult')
  return list?.as_of ? <div className="list-asof t-xs mut">{t('asOf', { at: shortWhen(list.as_of) })}</div> : null
}

function FirstUse({ asking }: { asking: boolean }) {
  const { t } = useTranslation('teleconsult')
  const [checking, setChecking] = useState(false)
  return (
    <>
      <Empty
        icon="comment"
        testId="teleconsults-empty"
        title={t('emptyTitle')}
        actions={
          asking ? (
            <FindPatient />
          ) : (
            <Button kind="primary" testId="empty-check" onPress={() => setChecking(true)}>
              {t('checkStation')}
            </Button>
          )
        }
      >
        {t(asking ? 'emptyAsk' : 'emptyAnswer')}
      </Empty>
      {checking ? <StationDialog onClose={() => setChecking(false)} /> : null}
    </>
  )
}

function FindPatient() {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  return (
    <Button kind="primary" icon="search" testId="empty-find-patient" onPress={() => go({ place: 'patients' })}>
      {t('findPatient')}
    </Button>
  )
}
