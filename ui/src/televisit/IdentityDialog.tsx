import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Button, Choice, Dialog, Facts } from '../design'
import { age, day, personName } from '../i18n/format'
import { call } from '../ipc/call'
import type { IdentityMethod } from '../ipc/generated/IdentityMethod'
import type { TelevisitView } from '../ipc/generated/TelevisitView'
import { useTelevisitAction } from './update'

const METHODS: IdentityMethod[] = ['document_shown', 'digital_identity', 'known_to_clinician']

/** The record side by side with the choice of the method; a mismatch closes the visit and shows nothing else. */
export function IdentityDialog({ visit, onClose }: { visit: TelevisitView; onClose: () => void }) {
  const { t } = useTranslation('televisit')
  const [method, setMethod] = useState<IdentityMethod | null>(null)
  const [refusing, setRefusing] = useState(false)
  const { run, failure, busy } = useTelevisitAction()
  const request = { televisit_id: visit.id }
  const confirm = () => {
    if (!method || busy) return
    return run(() => call('televisit_confirm_identity', { ...request, method }), onClose)
  }
  const { patient } = visit
  return (
    <Dialog
      title={t('identityVerb')}
      onClose={onClose}
      onSubmit={refusing ? undefined : confirm}
      testId="identity-dialog"
      footer={
        refusing ? (
          <>
            <span className="grow" />
            <Button onPress={() => setRefusing(false)} autoFocus>
              {t('identityDialog.goBack')}
            </Button>
            <Button
              kind="danger"
              testId="refuse-identity-confirm"
              busy={busy}
              onPress={() => run(() => call('televisit_refuse_identity', request), onClose)}
            >
              {t('identityDialog.refuseConfirm')}
            </Button>
          </>
        ) : (
          <>
            <Button kind="danger-line" testId="refuse-identity" onPress={() => setRefusing(true)}>
              {t('identityDialog.refuse')}
            </Button>
            <span className="grow" />
            <Button kind="primary" type="submit" disabled={!method} busy={busy} testId="confirm-identity">
              {t('identityDialog.confirm')}
            </Button>
          </>
        )
      }
    >
      <div className="stack">
        {failure ? <FailureBanner failure={failure} /> : null}
        {refusing ? (
          <Banner boxed urgent tone="danger" title={`${t('identityDialog.refuse')}.`}>
            {t('identityDialog.refuseSure')}
          </Banner>
        ) : (
          <p>{t('identityDialog.intro')}</p>
        )}
        <div className="compare">
          <div className="record">
            <span className="cap">{t('identityDialog.record')}</span>
            <Facts
              items={[
                { name: t('identityDialog.name'), value: personName(patient) },
                { name: t('identityDialog.birth'), value: `${day(patient.birth_date)}, ${age(patient)}` },
                { name: t('identityDialog.sex'), value: t(`identityDialog.${patient.sex}`) },
                { name: t('identityDialog.fiscalCode'), value: <span className="mono">{patient.fiscal_code}</span> },
              ]}
            />
          </div>
          <Choice<IdentityMethod>
            legend={t('identityDialog.how')}
            value={method}
            onChange={setMethod}
            disabled={refusing}
            options={METHODS.map((value) => ({
              value,
              label: t(`methods.${value}`),
              hint: t(`methodHints.${value}`),
              testId: `method-${value}`,
            }))}
          />
        </div>
      </div>
    </Dialog>
  )
}
