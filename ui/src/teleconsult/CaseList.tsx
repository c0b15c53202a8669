import { useTranslation } from 'react-i18next'
import { useMinute } from '../agenda/AgendaRow'
import { FailureBanner } from '../app/FailureBanner'
import { asks, useRole } from '../app/role'
import { type Route, useRoute } from '../app/routes'
import { Button, GroupHead, Icon, moveBetweenRows, Row } from '../design'
import { age, personName } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { Priority } from '../ipc/generated/Priority'
import type { TeleconsultRowView } from '../ipc/generated/TeleconsultRowView'
import { dueOf, turnLine, whose } from './due'
import type { Group } from './groups'
import { useShowCase } from './update'
import './teleconsult.css'

type T = ReturnType<typeof useTranslation<'teleconsult'>>['t']

/** Where a row leads: a draft to its form, a case to its conversation. */
export const routeOf = (row: TeleconsultRowView, place: Route['place']): Route =>
  row.state === 'draft' ? { place, id: row.patient.id, view: 'new' } : { place, id: row.id }

export function CaseList({
  groups,
  place,
  selected,
}: {
  groups: Group[]
  place: Route['place']
  selected: string | undefined
}) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  const show = useShowCase()
  const claim = useAction()
  useMinute()
  const onClaim = (row: TeleconsultRowView) => {
    go({ place, id: row.id })
    return claim.run(() => call('teleconsult_claim', { teleconsult_id: row.id }), show)
  }
  return (
    <>
      {claim.failure ? (
        <div className="pad">
          <FailureBanner failure={claim.failure} />
        </div>
      ) : null}
      <ul className="scroll" onKeyDown={moveBetweenRows}>
        {groups.map(({ id, rows }) => (
          <GroupRows key={id} group={{ id, rows }} t={t}>
            {rows.map((row) => (
              <CaseRow
                key={row.id}
                row={row}
                place={place}
                selected={selected === row.id}
                onClaim={() => onClaim(row)}
              />
            ))}
          </GroupRows>
        ))}
      </ul>
    </>
  )
}

function GroupRows({ group, t, children }: { group: Group; t: T; children: React.ReactNode }) {
  const late = group.id === 'Late'
  return (
    <>
      <GroupHead count={group.rows.length} tone={late ? 'danger' : undefined}>
        {late ? <Icon name="due" size="s" /> : null}
        {t(`group${group.id}`)}
      </GroupHead>
      {children}
    </>
  )
}

type RowProps = { row: TeleconsultRowView; place: Route['place']; selected: boolean; onClaim: () => unknown }

function CaseRow({ row, place, selected, onClaim }: RowProps) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  const role = useRole()
  const open = () => go(routeOf(row, place))
  const next = nextOf(row, asks(role), t)
  return (
    <Row
      narrowLead
      testId={`teleconsult-${row.id}`}
      selected={selected}
      label={t('rowLabel', {
        name: personName(row.patient),
        what: row.question,
        priority: row.priority,
        state: turnLine(row, t),
      })}
      onOpen={open}
      lead={<PriorityMark priority={row.priority} draft={row.state === 'draft'} />}
      who={personName(row.patient)}
      age={age(row.patient)}
      what={row.question || t('noQuestion')}
      status={<Status row={row} />}
      action={
        <Button
          small
          kind={next.strong ? (selected ? 'primary' : 'second') : 'quiet'}
          testId={`teleconsult-action-${row.id}`}
          onPress={next.claims ? onClaim : open}
        >
          {next.word}
        </Button>
      }
    />
  )
}

function nextOf(row: TeleconsultRowView, asking: boolean, t: T) {
  if (row.state === 'draft') return { word: t('resume'), strong: true, claims: false }
  if (asking)
    return row.state === 'answered' && row.my_turn
      ? { word: t('see'), strong: true, claims: false }
      : row.state === 'needs_information' && row.my_turn
        ? { word: t('reply'), strong: true, claims: false }
        : { word: t('open'), strong: false, claims: false }
  if (row.state === 'requested') return { word: t('claim'), strong: true, claims: true }
  if (row.opinion_due) return { word: t('giveOpinion'), strong: true, claims: false }
  if (row.state === 'claimed' && row.my_turn) return { word: t('reply'), strong: true, claims: false }
  return { word: t('open'), strong: false, claims: false }
}

/** The class as a letter: filled for the two that press. */
export function PriorityMark({ priority, draft }: { priority: Priority; draft?: boolean }) {
  return draft ? (
    <Icon name="pencil" className="mut" />
  ) : (
    <span className={`priority is-${priority.toLowerCase()}`} aria-hidden="true">
      {priority}
    </span>
  )
}

function Status({ row }: { row: TeleconsultRowView }) {
  const { t } = useTranslation('teleconsult')
  if (row.queue && row.queue !== 'confirmed')
    return (
      <b className={`line tight cut ${row.queue === 'to_correct' || row.queue === 'conflict' ? 'c-danger' : 'c-off'}`}>
        <Icon name="queue" size="s" />
        {t(`queue.${row.queue}`)}
      </b>
    )
  if (row.state === 'draft') return <span className="cut">{row.speciality || t('states.draft')}</span>
  const due = dueOf(row, t)
  return (
    <>
      {due ? (
        <b className={`line tight nw${due.tone === 'plain' ? '' : ` c-${due.tone}`}`}>
          <Icon name="due" size="s" />
          {due.words}
        </b>
      ) : null}
      <span className="cut">
        {row.state === 'acknowledged' ? (
          t('states.acknowledged')
        ) : row.opinion_due ? (
          <b>{t('turnOpinion')}</b>
        ) : row.turn_of ? (
          <>
            {t('turn')} <b>{row.my_turn && row.state !== 'requested' ? t('you') : whose(row)}</b>
          </>
        ) : (
          t('noTurn')
        )}
      </span>
    </>
  )
}
