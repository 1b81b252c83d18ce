# The exception that carries a longjmp; the C library uses it and leaves its definition to whoever links.
	.globl	__c_longjmp
	.tagtype	__c_longjmp i32
__c_longjmp:
