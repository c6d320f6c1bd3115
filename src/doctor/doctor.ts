/** The whole room behind one door, which is opened only when somebody is examined. */
export { diagnosisText, diagnosisView } from './diagnoses.ts';
export { examine, verdictOn } from './examine.ts';
export { admit } from './patient.ts';
