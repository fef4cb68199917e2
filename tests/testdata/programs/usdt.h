/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A USDT probe with one int argument, as sys/sdt.h of SystemTap would write it: a nop, and a note
 * that says where it is, whose probe it is and where the argument lies.
 */
#ifndef USDT_H
#define USDT_H

/* clang-format off */
#define USDT_PROBE(provider, name, argument)				\
	__asm__ volatile(						\
		"990:	nop\n"						\
		".pushsection .note.stapsdt,\"\",\"note\"\n"		\
		"	.balign 4\n"					\
		"	.4byte 992f-991f, 994f-993f, 3\n"		\
		"991:	.asciz \"stapsdt\"\n"				\
		"992:	.balign 4\n"					\
		"993:	.8byte 990b\n"					\
		"	.8byte _.stapsdt.base\n"			\
		"	.8byte 0\n"					\
		"	.asciz \"" provider "\"\n"			\
		"	.asciz \"" name "\"\n"				\
		"	.asciz \"-4@%[number]\"\n"			\
		"994:	.balign 4\n"					\
		".popsection\n"						\
		".ifndef _.stapsdt.base\n"				\
		".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
		".weak _.stapsdt.base\n"				\
		".hidden _.stapsdt.base\n"				\
		"_.stapsdt.base: .space 1\n"				\
		".size _.stapsdt.base, 1\n"				\
		".popsection\n"						\
		".endif\n"						\
		:: [number] "r"(argument) : "memory")
/* clang-format on */

#endif
