import { useTranslation } from 'react-i18next'
import { Button, Dialog, Facts } from '../design'
import { when } from '../i18n/format'
import type { TelevisitView } from '../ipc/generated/TelevisitView'

/** The outcome of the citizen's own technical test. */
export function TestDialog({ visit, onClose }: { visit: TelevisitView; onClose: () => void }) {
  const { t } = useTranslation(['televisit', 'frame'])
  const test = visit.eligibility
  return (
    <Dialog
      title={t('testDialog.title')}
      size="s"
      onClose={onClose}
      testId="test-dialog"
      footer={
        <>
          <span className="grow" />
          <Button kind="primary" onPress={onClose} autoFocus>
            {t('frame:close')}
          </Button>
        </>
      }
    >
      {test ? (
        <Facts
          items={[
            { name: t('testDialog.outcome'), value: t(test.passed ? 'testDialog.passed' : 'testDialog.failed') },
            { name: t('testDialog.on'), value: when(test.at) },
            { name: t('testDialog.device'), value: test.device ?? t('testDialog.unknown') },
          ]}
        />
      ) : null}
    </Dialog>
  )
}
