import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { type Route, useRoute } from '../app/routes'
import { Badge, Banner, Button, Empty, Icon, moveBetweenRows, Row, TextField } from '../design'
import { age, personName, shortWhen, when } from '../i18n/format'
import { useAction } from '../ipc/action'
import { call } from '../ipc/call'
import type { PrescriptionDueView } from '../ipc/generated/PrescriptionDueView'
import { useView } from '../ipc/query'

const WRONG = ['other_patient', 'not_a_control_visit']

/** Still to be done by the doctor. */
export const isToPrescribe = ({ state }: PrescriptionDueView) => state === 'to_prescribe' || WRONG.includes(state)

/** *Da prescrivere*: the control visits that answers indicated, each until it was held. */
export function PrescriptionList({
  rows,
  place,
  selected,
}: {
  rows: PrescriptionDueView[]
  place: Route['place']
  selected: string | undefined
}) {
  const { t } = useTranslation('teleconsult')
  const { go } = useRoute()
  if (rows.length === 0)
    return (
      <Empty icon="file" title={t('prescriptions.none')} testId="prescriptions-empty">
        {t('prescriptions.noneText')}
      </Empty>
    )
  return (
    <ul className="scroll" onKeyDown={moveBetweenRows} data-testid="prescriptions">
      {rows.map((row) => (
        <Row
          key={row.teleconsult_id}
          narrowLead
          testId={`prescription-${row.teleconsult_id}`}
          selected={selected === row.teleconsult_id}
          label={`${personName(row.patient)}, ${row.what}, ${t(`prescriptions.states.${row.state}`)}`}
          onOpen={() => go({ place, id: row.teleconsult_id })}
          lead={<Icon name="file" className="mut" />}
          who={personName(row.patient)}
          age={age(row.patient)}
          what={row.by_when ? `${row.what}, ${row.by_when}` : row.what}
          status={<Standing row={row} />}
        />
      ))}
    </ul>
  )
}

function Standing({ row }: { row: PrescriptionDueView }) {
  const { t } = useTranslation('teleconsult')
  const tone = WRONG.includes(row.state) ? 'c-danger' : row.state === 'to_prescribe' ? 'c-warn' : 'c-ok'
  return (
    <b className={`cut ${tone}`}>
      {row.booked_for
        ? t('prescriptions.booked', { at: when(row.booked_for) })
        : t(`prescriptions.states.${row.state}`)}
    </b>
  )
}

/** The control visit of one case: the NRE is pasted here, the rest is the region's word. */
export function PrescriptionCard({ teleconsultId }: { teleconsultId: string }) {
  const { t } = useTranslation(['teleconsult', 'frame'])
  const list = useView('teleconsult_prescriptions', [])
  const row = list.data?.rows.find(({ teleconsult_id }) => teleconsult_id === teleconsultId)
  const [nre, setNre] = useState('')
  const [changing, setChanging] = useState(false)
  const { run, failure, busy } = useAction()
  if (!row) return null
  const wrong = failure?.field === 'nre'
  const asks = row.nre === null || changing || isToPrescribe(row)
  const save = () => {
    if (nre.trim() === '') return
    return run(
      () => call('teleconsult_prescribe', { teleconsult_id: teleconsultId, nre }),
      () => {
        setNre('')
        setChanging(false)
        void list.refetch()
      },
    )
  }
  return (
    <section
      className="prescription"
      aria-label={t('prescriptions.title')}
      data-testid="prescription-card"
      data-state={row.state}
    >
      {failure && !wrong ? <FailureBanner failure={failure} /> : null}
      <div className="line wrap">
        <h3 className="grow">{t('opening.control')}</h3>
        <Standing row={row} />
      </div>
      {WRONG.includes(row.state) ? (
        <Banner boxed tone="danger" title={`${t(`prescriptions.states.${row.state}`)}.`} testId="prescription-wrong">
          {row.state === 'not_a_control_visit' ? t('prescriptions.onlyControl') : null}
        </Banner>
      ) : null}
      {row.nre ? (
        <p className="line wrap">
          <span className="mut">{t('prescriptions.nre')}</span>
          <span className="mono" data-testid="prescription-nre">
            {row.nre}
          </span>
          {row.queue && row.queue !== 'confirmed' ? (
            <Badge tone="off" icon="queue">
              {t(`queue.${row.queue}`)}
            </Badge>
          ) : null}
          {row.booked_for ? (
            <span className="t-xs">
              {t(
                row.eligible === null
                  ? 'prescriptions.notTested'
                  : row.eligible
                    ? 'prescriptions.eligible'
                    : 'prescriptions.notEligible',
              )}
            </span>
          ) : null}
          {row.as_of ? <span className="t-xs mut">{t('prescriptions.asOf', { at: shortWhen(row.as_of) })}</span> : null}
          {asks ? null : (
            <Button kind="link" testId="prescription-change" onPress={() => setChanging(true)}>
              {t('prescriptions.change')}
            </Button>
          )}
        </p>
      ) : null}
      {asks ? (
        <form
          className="prescription-form"
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <TextField
            label={t('prescriptions.nre')}
            hint={t('prescriptions.nreHint')}
            error={wrong ? t('prescriptions.nreWrong') : undefined}
            value={nre}
            onChange={setNre}
            maxLength={24}
            testId="prescription-input"
          />
          <Button kind="primary" type="submit" busy={busy} disabled={nre.trim() === ''} testId="prescription-save">
            {t('prescriptions.save')}
          </Button>
        </form>
      ) : null}
    </section>
  )
}
